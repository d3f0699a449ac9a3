/** The workers' side of a head: their streams in, assignments and verdicts out. */
import { AnantError } from '@anant/core';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { AssignedTask, RevokeNotice, SchedulerEffect } from '../../protocol/scheduler/effect.js';
import type { CommitSpec } from '../../protocol/scheduler/event.js';
import type { HeldAttempt } from '../../protocol/scheduler/worker-spec.js';
import { isSuspect, statusName } from '../control/end-status.js';
import { Flusher } from '../control/flusher.js';
import { MessageStream } from '../control/message-stream.js';
import { parseDataAddress } from '../data/data-address.js';
import { INTRODUCTION_MS_MAX } from '../limits.js';
import type {
  AssignBatch,
  CommitBatch,
  Join,
  RevokeAction,
  WorkRequest,
  WorkResponse,
} from '../proto/anant/v1/worker.js';
import type { HeadContext } from './head-context.js';
import { newWorkerLink, type WorkerLink } from './head-link.js';
import { probe } from './probe.js';
import { checkProtocol, PREFIX_BYTES } from './session-hub.js';
import { schedulerLoad } from './worker-load.js';
import { HELD, REVOKES, VERDICTS } from './worker-words.js';

type Call = ServerDuplexStream<WorkRequest, WorkResponse>;

/** Bytes of an assignment besides its payload, about. */
const ASSIGNMENT_BYTES = 64;
/** A batch of assignments this large leaves at once. */
const ASSIGN_BYTES_MAX = 1024 * 1024;
const NO_RESOURCES = { cpu: 0, memoryBytes: 0, gpu: 0, custom: {} };

export class WorkerHub {
  readonly links = new Map<string, WorkerLink>();
  readonly #context: HeadContext;
  readonly #dirty = new Set<WorkerLink>();
  readonly #flusher = new Flusher(() => this.#flushAll());

  constructor(context: HeadContext) {
    this.#context = context;
  }

  readonly handle = (call: Call): void => {
    let link: WorkerLink | undefined;
    const stream = new MessageStream<WorkResponse>(call, () => call.destroy());
    const refuse = (error: unknown) => {
      const { code, message } = AnantError.is(error)
        ? error
        : { code: 'E_PROTOCOL', message: `The worker broke the protocol: ${String(error)}` };
      const isFinal = code === 'E_VERSION_SKEW' || code === 'E_IDENTITY_REFUSED';
      const value = { code, reason: message, isFinal, leader: '' };
      stream.write({ message: { $case: 'dismissed', value } });
      stream.end();
    };
    const timer = setTimeout(
      () => refuse(new AnantError('E_PROTOCOL', 'The worker did not introduce itself.')),
      INTRODUCTION_MS_MAX,
    );
    call.on('data', ({ message }: WorkRequest) => {
      if (stream.isOver) return;
      try {
        if (link !== undefined) this.#receive(link, message);
        else {
          clearTimeout(timer);
          if (message?.$case !== 'join') throw new TypeError('it did not introduce itself first');
          link = this.#join(message.value, stream, call);
        }
      } catch (error) {
        refuse(error);
      }
    });
    const over = () => {
      clearTimeout(timer);
      stream.drop();
      if (link?.stream !== stream) return;
      link.stream = undefined;
      this.#context.dispatch({ type: 'worker-disconnect', worker: link.id, bootId: link.boot });
      this.#context.gossip.look(link);
      void this.#probe(link);
    };
    call.on('end', () => {
      over();
      call.end();
    });
    call.on('error', over);
    call.on('close', over);
  };

  perform(effect: SchedulerEffect): void {
    switch (effect.type) {
      case 'welcome': {
        const { dataSecret, version, heads } = this.#context.facts();
        const { epoch, leaseMs } = effect;
        const gossip = this.#context.gossip.invite(effect.worker);
        const value = { epoch, leaseMs, dataSecret: Buffer.from(dataSecret), version, gossip };
        this.#write(effect.worker, { $case: 'peers', value: this.#context.peers.all() });
        this.#write(effect.worker, { $case: 'welcome', value });
        this.#write(effect.worker, { $case: 'heads', value: { addresses: [...heads] } });
        break;
      }
      case 'lease':
        this.#write(effect.worker, { $case: 'renewed', value: { sequence: 0, leaseMs: effect.leaseMs } });
        break;
      case 'rejoin':
        this.#dismiss(effect.worker);
        break;
      case 'assign':
        this.#assign(effect.worker, effect.tasks);
        break;
      case 'revoke':
        this.#revoke(effect.worker, effect.tasks);
        break;
      case 'commit-verdict':
        this.#verdicts(effect);
        break;
      case 'drained':
        this.#write(effect.worker, { $case: 'drained', value: {} });
        break;
    }
  }

  /** A closed stream is evidence: whether the process lives is asked at once, not when its time to return is over. */
  async #probe(link: WorkerLink): Promise<void> {
    if ((await probe(link.dataAddress)) !== 'gone') return;
    this.#context.gossip.ended(link);
    if (this.links.get(link.id) !== link || link.stream !== undefined) return;
    this.#context.dispatch({ type: 'worker-leave', worker: link.id, bootId: link.boot, reason: 'died' });
    this.forget(link, 'Its process ended.');
  }

  /** The scheduler does not count the worker in any more. */
  forget(link: WorkerLink, reason: string): void {
    if (this.links.get(link.id) !== link) return;
    this.links.delete(link.id);
    link.stream?.end();
    link.stream = undefined;
    this.#context.workerGone(link, reason);
  }

  close(): void {
    for (const { stream } of this.links.values()) stream?.end();
  }

  #join(join: Join, stream: MessageStream<WorkResponse>, call: Call): WorkerLink {
    checkProtocol(join.protocol);
    const { identities } = this.#context;
    identities.requireClaim(identities.prove(call, join), join.worker);
    if (!/^[A-Za-z0-9._:-]{1,128}$/.test(join.worker)) throw new TypeError('its name is malformed');
    this.#context.gossip.checkName(join.worker);
    const known = this.links.get(join.worker);
    if (known?.stream && known.boot !== join.boot) {
      throw new AnantError(
        'E_PROTOCOL',
        `A worker named "${join.worker}" is here already. Choose another name.`,
      );
    }
    known?.stream?.end();
    parseDataAddress(join.dataAddress);
    const isSame = known?.boot === join.boot;
    if (known !== undefined && !isSame) this.forget(known, 'Another process took its place.');
    const joinedMs = isSame ? known.joinedMs : this.#context.nowMs();
    const link = newWorkerLink(join, stream, joinedMs);
    this.links.set(link.id, link);
    // Whoever comes back by this stream can be reached by gossip too.
    this.#context.gossip.look(link);
    const holds = join.holds.map(({ id, attempt, token, state }): HeldAttempt => {
      const key = { id, attempt, token: token ?? { epoch: 0, counter: 0 } };
      link.tasks.add(key);
      return { ...key, state: HELD[state] ?? 'waiting' };
    });
    const { labels, host, zone, dataAddress } = join;
    const resources = { ...NO_RESOURCES, ...join.resources };
    const spec = {
      id: link.id,
      bootId: link.boot,
      slots: Math.max(1, join.slots),
      resources,
      labels,
      host,
      zone,
      dataAddress,
    };
    this.#context.dispatch({ type: 'worker-join', worker: { ...spec, holds } });
    if (join.isDraining) this.#context.dispatch({ type: 'worker-drain', worker: link.id, action: 'drain' });
    this.#context.workerJoined(link);
    return link;
  }

  #receive(link: WorkerLink, message: WorkRequest['message']): void {
    const { id: worker, boot: bootId } = link;
    switch (message?.$case) {
      case 'started': {
        const { epoch, counters } = message.value;
        this.#context.dispatch({
          type: 'started',
          worker,
          bootId,
          tasks: link.tasks.findAll(epoch, counters),
        });
        break;
      }
      case 'commit':
        this.#commit(link, message.value);
        break;
      case 'returned': {
        const { epoch, counters } = message.value;
        const tasks = link.tasks.findAll(epoch, counters);
        for (const task of tasks) link.tasks.delete(task);
        this.#context.dispatch({ type: 'returned', worker, bootId, tasks });
        break;
      }
      case 'load': {
        link.load = message.value;
        this.#context.dispatch({
          type: 'worker-load',
          worker,
          bootId,
          load: schedulerLoad(message.value),
        });
        break;
      }
      case 'renew':
        this.#context.dispatch({ type: 'renew', worker, bootId });
        break;
      case 'leave':
        if (message.value.reason === 'drain') {
          this.#context.dispatch({ type: 'worker-drain', worker, action: 'drain' });
        } else {
          this.#context.dispatch({ type: 'worker-leave', worker, bootId, reason: 'left' });
          this.forget(link, 'It left.');
        }
        break;
      case 'gossipTaken':
        this.#context.gossip.taken(link, message.value.generation);
        break;
      case 'endpoint':
        this.#context.peers.renewed(link, message.value);
        break;
      case 'actorAnswer':
        this.#context.actorAnswer(link, message.value);
        break;
      default:
        throw new TypeError(`it sent ${message?.$case ?? 'a message this head does not know'}`);
    }
  }

  #commit(link: WorkerLink, { epoch, commits }: CommitBatch): void {
    const known: CommitSpec[] = [];
    const superseded: number[] = [];
    for (const { counter, status, detail, runUs } of commits) {
      const key = link.tasks.find(epoch, counter);
      if (key === undefined) superseded.push(counter);
      else {
        const { id, attempt, token } = key;
        const suspect = isSuspect(status, detail);
        known.push({ id, attempt, token, status: statusName(status), body: detail, runUs, suspect });
      }
    }
    if (superseded.length > 0) {
      link.stream?.write({
        message: { $case: 'verdict', value: { epoch, accepted: [], superseded, later: [] } },
      });
    }
    if (known.length === 0) return;
    this.#context.dispatch({ type: 'commit', worker: link.id, bootId: link.boot, commits: known });
  }

  #assign(worker: string, tasks: readonly AssignedTask[]): void {
    const link = this.links.get(worker);
    const epoch = tasks[0]?.token.epoch;
    if (link === undefined || epoch === undefined) return;
    if (link.assign !== undefined && link.assign.epoch !== epoch) this.#flush(link);
    link.assign ??= { epoch, sessions: [], templates: [], assignments: [] };
    const batch = link.assign;
    for (const { id, attempt, token, payload, isAlone } of tasks) {
      const buffer = payload as Buffer;
      const session = buffer.readUInt32LE(0);
      const template = buffer.readUInt32LE(4);
      this.#introduce(link, batch, session, template);
      link.tasks.add({ id, attempt, token });
      link.assignBytes += ASSIGNMENT_BYTES + buffer.byteLength;
      const { counter } = token;
      const rest = buffer.subarray(PREFIX_BYTES);
      batch.assignments.push({ counter, session, id, attempt, template, payload: rest, isAlone });
    }
    if (link.assignBytes > ASSIGN_BYTES_MAX) this.#flush(link);
    else this.#wake(link);
  }

  /** Tells a worker of a session and a template when it meets them for the first time on this stream. */
  #introduce(link: WorkerLink, batch: AssignBatch, session: number, template: number): void {
    if (!link.sessions.has(session)) {
      const peer = this.#context.sessionOf(session)?.peer;
      if (peer !== undefined) {
        link.sessions.add(session);
        batch.sessions.push(peer);
      }
    }
    if (!link.templates.has(template)) {
      const known = this.#context.templates.find(template);
      if (known !== undefined) {
        link.templates.add(template);
        batch.templates.push(known.wire);
      }
    }
  }

  #revoke(worker: string, notices: readonly RevokeNotice[]): void {
    const link = this.links.get(worker);
    if (link === undefined) return;
    const epochs = new Map<number, { counter: number; action: RevokeAction; how: string }[]>();
    // An assignment that is not sent yet goes before the word that it is not wanted.
    this.#flush(link);
    for (const notice of notices) {
      const { token, action, how } = notice;
      const revokes = epochs.get(token.epoch) ?? [];
      epochs.set(token.epoch, revokes);
      revokes.push({ counter: token.counter, action: REVOKES[action], how });
    }
    for (const [epoch, revokes] of epochs) {
      link.stream?.write({ message: { $case: 'revoke', value: { epoch, revokes } } });
    }
  }

  #verdicts({ worker, verdicts }: Extract<SchedulerEffect, { type: 'commit-verdict' }>): void {
    const link = this.links.get(worker);
    if (link === undefined) return;
    for (const notice of verdicts) {
      const { epoch, counter } = notice.token;
      const batch = link.verdicts.get(epoch) ?? { epoch, accepted: [], superseded: [], later: [] };
      link.verdicts.set(epoch, batch);
      const verdict = VERDICTS[notice.verdict];
      batch[verdict].push(counter);
      if (verdict !== 'later') link.tasks.delete(notice);
    }
    this.#wake(link);
  }

  #dismiss(worker: string): void {
    const link = this.links.get(worker);
    if (link === undefined) return;
    const reason =
      'The head does not count this worker in any more: its lease ran out, or another head leads.';
    const value = { code: 'E_BACKEND_UNAVAILABLE', reason, isFinal: false, leader: '' };
    link.stream?.write({ message: { $case: 'dismissed', value } });
    this.forget(link, 'Its lease ran out.');
  }

  /** Writes at once what must not wait, after what was collected before it. */
  #write(worker: string, message: NonNullable<WorkResponse['message']>): void {
    const link = this.links.get(worker);
    if (link === undefined) return;
    this.#flush(link);
    link.stream?.write({ message });
  }

  #wake(link: WorkerLink): void {
    this.#dirty.add(link);
    this.#flusher.wake();
  }

  #flushAll(): number {
    let count = 0;
    for (const link of this.#dirty) count += this.#flush(link);
    this.#dirty.clear();
    return count;
  }

  #flush(link: WorkerLink): number {
    const { assign, assignBytes, stream } = link;
    let count = 0;
    if (assign !== undefined) {
      link.assign = undefined;
      link.assignBytes = 0;
      count += assign.assignments.length;
      stream?.write({ message: { $case: 'assign', value: assign } }, assignBytes);
    }
    for (const value of link.verdicts.values()) {
      count += value.accepted.length;
      stream?.write({ message: { $case: 'verdict', value } });
    }
    link.verdicts.clear();
    return count;
  }
}
