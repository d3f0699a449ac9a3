/** The actors of a driver: started by the head on some worker, called there directly. */
import {
  type ActorId,
  type ActorSpecification,
  AnantError,
  type AttemptOutcome,
  type CancelAnswer,
  type CancelStrategy,
  isErrorCode,
} from '@anant/core';
import { type EncodedValue, encodeMessage, encodeValue } from '@anant/core/codec';
import { Flusher } from '../control/flusher.js';
import { DATA_KIND } from '../data/data-message.js';
import type { DataPlane } from '../data/data-plane.js';
import { packPayload } from '../data/task-payload.js';
import type { ActorAnswer, StartActor, StopActor } from '../proto/anant/v1/scheduler.js';
import type { PackedCall } from '../worker/actor-host.js';
import type { OpenAttempt } from './open-attempt.js';
import { RequestTable } from './request-table.js';
import type { TemplateBook } from './template-book.js';

const ACTOR_MS_MAX = 70_000;
const CANCEL_MS_MAX = 5_000;
const UNANSWERED = {
  code: 'E_TIMEOUT',
  message: 'The cluster did not answer in time.',
  worker: '',
  dataAddress: '',
};

type Answer = Omit<ActorAnswer, 'request'>;

interface Outgoing {
  readonly calls: PackedCall[];
  readonly buffers: Uint8Array[];
}

export interface ActorBookOptions {
  readonly templates: TemplateBook;
  readonly plane: DataPlane;
  readonly secret: () => Uint8Array;
  readonly startActor: (request: StartActor) => void;
  readonly stopActor: (request: StopActor) => void;
}

export class ActorBook {
  readonly #options: ActorBookOptions;
  readonly #homes = new Map<ActorId, string>();
  readonly #held = new Map<number, EncodedValue>();
  readonly #answers = new RequestTable<Answer>();
  readonly #cancels = new RequestTable<CancelAnswer>();
  readonly #flusher = new Flusher(() => this.#send());
  #outgoing = new Map<string, Outgoing>();

  constructor(options: ActorBookOptions) {
    this.#options = options;
  }

  /** @param number names its input, should a worker ask for it. @throws AnantError */
  async start({ id, definition, options, input: value }: ActorSpecification, number: number): Promise<void> {
    if (definition.kind === 'kernel') {
      throw new AnantError('E_TASK_INVALID', 'A kernel cannot be an actor.', {
        advice: 'Name an exported class.',
      });
    }
    const input = encodeValue(value, 'input');
    const { bytes } = packPayload({ number, input, references: [] });
    const { request, answer } = this.#answers.open(ACTOR_MS_MAX, UNANSWERED);
    const template = this.#options.templates.single(definition, options);
    this.#held.set(number, input);
    this.#options.startActor({ request, actor: id, template, payload: bytes as Buffer });
    const { code, message, dataAddress } = await answer;
    this.#held.delete(number);
    if (code !== '') throw new AnantError(isErrorCode(code) ? code : 'E_BACKEND_UNAVAILABLE', message);
    this.#homes.set(id, dataAddress);
  }

  /** The input of an actor that is being started. */
  heldInput(number: number): EncodedValue | undefined {
    return this.#held.get(number);
  }

  async stop(id: ActorId): Promise<void> {
    if (!this.#homes.delete(id)) return;
    const { request, answer } = this.#answers.open(ACTOR_MS_MAX, UNANSWERED);
    this.#options.stopActor({ request, actor: id });
    await answer;
  }

  answered({ request, ...answer }: ActorAnswer): void {
    this.#answers.settle(request, answer);
  }

  /** Sends a call to its actor. @returns how it ends at once when there is no such actor */
  call(open: OpenAttempt, input: EncodedValue): AttemptOutcome | undefined {
    const { id, attempt, definition, options, actor } = open.attempt.envelope;
    const home = this.#homes.get(actor!.actor);
    if (home === undefined) {
      return { status: 'lost', reason: `There is no actor "${actor!.actor}" (any more).`, started: 'no' };
    }
    open.worker = home;
    const outgoing = this.#outgoing.get(home) ?? { calls: [], buffers: [] };
    this.#outgoing.set(home, outgoing);
    const texts = [JSON.stringify(definition), JSON.stringify(options)] as const;
    const { body, buffers } = input;
    outgoing.calls.push([
      open.number,
      id,
      attempt,
      actor!.actor,
      actor!.method,
      ...texts,
      body,
      buffers.length,
    ]);
    outgoing.buffers.push(...buffers);
    this.#flusher.wake();
    return undefined;
  }

  async cancel({ attempt: { envelope }, worker }: OpenAttempt, how: CancelStrategy): Promise<CancelAnswer> {
    if (worker === undefined) return 'unknown-task';
    this.#flusher.flush();
    const { plane, secret } = this.#options;
    const { request, answer } = this.#cancels.open(CANCEL_MS_MAX, 'requested');
    const message = encodeMessage([plane.address, request, envelope.id, envelope.attempt, how]);
    plane.send(worker, secret(), DATA_KIND.actorCancel, message);
    return await answer;
  }

  cancelAnswered(request: number, answer: CancelAnswer): void {
    this.#cancels.settle(request, answer);
  }

  workerGone(address: string): void {
    for (const [actor, home] of this.#homes) if (home === address) this.#homes.delete(actor);
  }

  /** The head that knew of them is gone, or this driver ends. */
  loseAll(reason: string): void {
    this.#homes.clear();
    this.#answers.settleAll({ code: 'E_BACKEND_UNAVAILABLE', message: reason, worker: '', dataAddress: '' });
    this.#cancels.settleAll('already-done');
  }

  #send(): number {
    const { plane, secret } = this.#options;
    let count = 0;
    const outgoing = this.#outgoing;
    this.#outgoing = new Map();
    for (const [home, { calls, buffers }] of outgoing) {
      count += calls.length;
      plane.send(home, secret(), DATA_KIND.actorCalls, encodeMessage([plane.address, calls]), buffers);
    }
    return count;
  }
}
