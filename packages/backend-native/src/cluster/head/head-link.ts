/** What the head keeps of a driver and of a worker besides what the scheduler knows: the ways to them. */
import { ChurnMap } from '@anant/core';
import type { TokenedKey } from '../../protocol/scheduler/event.js';
import type { MessageStream } from '../control/message-stream.js';
import type { End, SessionResponse } from '../proto/anant/v1/scheduler.js';
import type {
  AssignBatch,
  Join,
  Load,
  SessionPeer,
  VerdictBatch,
  WorkResponse,
} from '../proto/anant/v1/worker.js';
import type { SessionTemplates } from './template-table.js';
import { NO_LOAD } from './worker-load.js';

export interface SessionLink {
  readonly id: string;
  /** Its number on the streams of workers. */
  readonly index: number;
  /** Whose it is, and what binds the key of its data endpoint; in a cluster with certificates. */
  node: string | undefined;
  certificate: Buffer | undefined;
  /** To its data endpoint, when its keys were renewed; else empty. */
  dataWay: string;
  readonly name: string;
  readonly templates: SessionTemplates;
  peer: SessionPeer;
  stream: MessageStream<SessionResponse> | undefined;
  /** Tasks of this connection that were acknowledged or refused, and how many of them the driver was told of. */
  acknowledged: number;
  told: number;
  /** What goes to the driver next. */
  ends: End[];
  /** Actors by name, and where they live. */
  readonly actors: Map<string, string>;
  /** The driver waits to hear whether its session is open; `lost` when what it resumed was not known. */
  opening: 'new' | 'resume' | 'lost' | undefined;
}

export interface WorkerLink {
  readonly id: string;
  readonly boot: string;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  readonly dataAddress: string;
  /** Binds the key of its data endpoint; empty in a cluster without certificates. */
  certificate: Buffer;
  /** To its data endpoint, when its keys were renewed; else empty. */
  dataWay: string;
  readonly joinedMs: number;
  stream: MessageStream<WorkResponse> | undefined;
  /** What the worker was told already on this stream. */
  readonly sessions: Set<number>;
  readonly templates: Set<number>;
  /** Assignments the worker has, by epoch and counter. */
  readonly tasks: AssignmentTable;
  /** What goes to the worker next. */
  assign: AssignBatch | undefined;
  readonly verdicts: Map<number, VerdictBatch>;
  assignBytes: number;
  /** What it said of itself last. */
  load: Load;
  /** Of the invitation to gossip that the worker took over last. */
  gossipGeneration: number;
}

/** A worker that has just introduced itself by this stream. */
export function newWorkerLink(
  { worker, boot, pid, host, version, dataAddress, dataWay, certificate }: Join,
  stream: MessageStream<WorkResponse>,
  joinedMs: number,
): WorkerLink {
  return {
    id: worker,
    boot,
    pid,
    host,
    version,
    dataAddress,
    dataWay,
    certificate,
    joinedMs,
    stream,
    sessions: new Set(),
    templates: new Set(),
    tasks: new AssignmentTable(),
    assign: undefined,
    verdicts: new Map(),
    assignBytes: 0,
    load: NO_LOAD,
    gossipGeneration: 0,
  };
}

/** Assignments by token: the messages of workers name them by epoch and counter alone. */
export class AssignmentTable {
  readonly #byEpoch = new Map<number, ChurnMap<number, TokenedKey>>();

  get size(): number {
    let size = 0;
    for (const byCounter of this.#byEpoch.values()) size += byCounter.size;
    return size;
  }

  add(key: TokenedKey): void {
    const { epoch, counter } = key.token;
    const byCounter = this.#byEpoch.get(epoch);
    if (byCounter === undefined)
      this.#byEpoch.set(epoch, new ChurnMap<number, TokenedKey>().set(counter, key));
    else byCounter.set(counter, key);
  }

  find(epoch: number, counter: number): TokenedKey | undefined {
    return this.#byEpoch.get(epoch)?.get(counter);
  }

  /** What the worker has of these; what it has no more was decided already. */
  findAll(epoch: number, counters: readonly number[]): TokenedKey[] {
    return counters.flatMap((counter) => this.find(epoch, counter) ?? []);
  }

  delete({ token: { epoch, counter } }: TokenedKey): void {
    const byCounter = this.#byEpoch.get(epoch);
    if (byCounter === undefined) return;
    byCounter.delete(counter);
    if (byCounter.size === 0) this.#byEpoch.delete(epoch);
  }
}
