/** A Python actor: an instance that lives in an interpreter of its own. */
import { type HostCallEvent, HostChild, type HostEnd } from '@anant/bridge/host';
import {
  type ActorSpecification,
  AnantError,
  type AttemptOutcome,
  type CancelAnswer,
  type PythonReference,
} from '@anant/core';
import { decodeValue, type EncodedValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import type { AttemptLedger } from '../attempt-ledger.js';
import { ACTOR_START_MS_MAX } from '../limits.js';
import { lostBeforeStart, refusedBy, unusableResult } from '../outcomes.js';
import type { PreparedInput } from '../prepared-input.js';
import { type PythonHost, pythonFailure } from '../python/python-host.js';
import { within } from '../within.js';
import type { LiveActor } from './live-actor.js';
import { startFailure } from './thread-actor.js';

export interface PythonActorOptions {
  readonly specification: ActorSpecification;
  readonly host: PythonHost;
  readonly ledger: AttemptLedger;
  readonly keep: (attempt: Attempt, value: EncodedValue) => AttemptOutcome;
  /** Called once, when the actor's process has ended for whatever reason. */
  readonly onGone: () => void;
}

interface Waiting {
  readonly attempt: Attempt;
  readonly input: PreparedInput;
}

const NO_STREAMS: AttemptOutcome = {
  status: 'refused',
  code: 'E_CAPABILITY_MISSING',
  reason: 'Methods of Python actors return values; they cannot stream.',
  advice: 'Return a list, or stream from a free task.',
};

export class PythonActor implements LiveActor {
  readonly #options: PythonActorOptions;
  #child: HostChild | undefined;
  #waiting: Waiting[] = [];
  #running: Attempt | undefined;
  #stopReason: string | undefined;
  #isReady = false;
  #isGone = false;

  constructor(options: PythonActorOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const constructed = this.#construct();
    if (!(await within(constructed, ACTOR_START_MS_MAX))) {
      await this.stop('Its constructor did not return in time.');
      throw new AnantError('E_TIMEOUT', `The actor did not start within ${ACTOR_START_MS_MAX} ms.`, {
        advice: 'Move slow work from its constructor into a method.',
      });
    }
    try {
      await constructed;
    } catch (error) {
      await this.stop('It could not be constructed.');
      throw error;
    }
    this.#isReady = true;
    this.#next();
  }

  call(attempt: Attempt, input: PreparedInput): void {
    if (attempt.envelope.options.output === 'stream') {
      this.#options.ledger.end(attempt, NO_STREAMS);
      return;
    }
    this.#waiting.push({ attempt, input });
    this.#next();
  }

  takeBack(attempt: Attempt): boolean {
    const at = this.#waiting.findIndex((waiting) => waiting.attempt === attempt);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  cancel({ envelope }: Attempt, how: 'ask' | 'kill'): CancelAnswer {
    if (how === 'kill') return 'unsupported';
    return this.#child?.ask(envelope.id, envelope.attempt) ? 'requested' : 'already-done';
  }

  async stop(reason: string): Promise<void> {
    this.#stopReason ??= reason;
    await this.#child?.stop();
    this.#gone();
  }

  async #construct(): Promise<void> {
    const { host, specification } = this.#options;
    const { id, definition, input } = specification;
    const call = await host.constructCall(id, definition as PythonReference, input);
    const child = await HostChild.start(host.childOptions());
    this.#child = child;
    void child.exited.then(() => this.#gone());
    const end = await new Promise<HostEnd>((resolve) => {
      child.call(call, (event) => {
        if (event.type === 'end') resolve(event.end);
      });
    });
    if (end.status === 'ok') return;
    const failure = pythonFailure(end);
    if (failure.status === 'app-error' || failure.status === 'refused') throw startFailure(failure);
    const reason = failure.status === 'lost' ? failure.reason : failure.status;
    throw new AnantError('E_WORKER_EXITED', `The actor could not be constructed: ${reason}`);
  }

  #next(): void {
    if (!this.#isReady || this.#running) return;
    if (!this.#child?.isUsable) {
      // Its exit, if it has not been seen yet, ends what waits.
      void this.stop('The interpreter of its actor ended.');
      return;
    }
    const next = this.#waiting.shift();
    if (!next) return;
    this.#running = next.attempt;
    void this.#run(next);
  }

  async #run({ attempt, input }: Waiting): Promise<void> {
    try {
      const call = await this.#options.host.callOf(attempt, input);
      this.#child!.call(call, (event) => void this.#handle(attempt, event));
    } catch (thrown) {
      this.#finish(attempt, refusedBy(thrown));
    }
  }

  async #handle(attempt: Attempt, event: HostCallEvent): Promise<void> {
    const { ledger } = this.#options;
    if (event.type === 'start') ledger.start(attempt, event.worker);
    else if (event.type === 'heartbeat') ledger.heartbeat(attempt);
    else if (event.type === 'progress') ledger.progress(attempt, event.done, event.total, event.note);
    else if (event.type === 'end') this.#finish(attempt, await this.#outcome(attempt, event.end));
  }

  async #outcome(attempt: Attempt, end: HostEnd): Promise<AttemptOutcome> {
    const { host, keep } = this.#options;
    if (end.status !== 'ok') {
      const outcome = host.failureOf(attempt, end);
      const isStopped = outcome.status === 'lost' && this.#stopReason !== undefined;
      return isStopped ? { ...outcome, reason: this.#stopReason!, suspect: false } : outcome;
    }
    if (end.value === undefined) return { status: 'ok', value: undefined };
    try {
      const value = await host.valueOf(attempt, end.value);
      if (attempt.envelope.options.output === 'reference') return keep(attempt, value);
      return { status: 'ok', value: decodeValue(value.body, value.buffers) };
    } catch (thrown) {
      return unusableResult(thrown);
    }
  }

  #finish(attempt: Attempt, outcome: AttemptOutcome): void {
    if (this.#running !== attempt) return;
    this.#running = undefined;
    this.#options.host.forget(attempt);
    this.#options.ledger.end(attempt, outcome);
    this.#next();
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isReady = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    const reason = this.#stopReason ?? 'The interpreter of its actor ended.';
    for (const { attempt } of waiting) this.#options.ledger.end(attempt, lostBeforeStart(reason));
    this.#options.onGone();
  }
}
