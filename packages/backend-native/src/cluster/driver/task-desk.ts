/** From an accepted attempt to what goes to the head, or to the worker of an actor. */
import { crc32 } from 'node:zlib';
import { type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';
import type { Attempt } from '../../embedded/attempt.js';
import type { AttemptLedger } from '../../embedded/attempt-ledger.js';
import { refusedBy } from '../../embedded/outcomes.js';
import { checkBytes } from '../../embedded/prepared-input.js';
import { packPayload } from '../data/task-payload.js';
import type { SubmitEntry } from '../proto/anant/v1/scheduler.js';
import type { ActorBook } from './actor-book.js';
import type { AttemptBook } from './attempt-book.js';
import type { ObjectBook } from './object-book.js';
import { newOpenAttempt } from './open-attempt.js';
import type { Submitter } from './submitter.js';
import type { TemplateBook } from './template-book.js';

export interface TaskDeskOptions {
  readonly ledger: AttemptLedger;
  readonly attempts: AttemptBook;
  readonly objects: ObjectBook;
  readonly templates: TemplateBook;
  readonly submitter: Submitter;
  readonly actors: ActorBook;
  readonly payloadBytesMax: number;
}

export class TaskDesk {
  readonly #options: TaskDeskOptions;

  constructor(options: TaskDeskOptions) {
    this.#options = options;
  }

  /** Whatever keeps it from going ends it. */
  accept(attempt: Attempt): void {
    const { envelope } = attempt;
    const { payloadBytesMax } = this.#options;
    try {
      const input = encodeValue(envelope.input, 'input');
      checkBytes(
        'input',
        input.buffers.length === 0 ? input.body.byteLength : encodedBytes(input),
        payloadBytesMax,
      );
      const number = this.#options.attempts.nextNumber();
      if (envelope.actor) this.#callActor(attempt, number, input);
      else this.#submitTask(attempt, number, input);
    } catch (thrown) {
      this.#options.ledger.end(attempt, refusedBy(thrown));
    }
    attempt.input = undefined;
  }

  #submitTask(attempt: Attempt, number: number, input: EncodedValue): void {
    const { id, attempt: attemptNumber, definition, options, references } = attempt.envelope;
    const located =
      references.length === 0 ? NO_LOCATIONS : references.map((each) => this.#options.objects.locate(each));
    const { bytes, isHeldBack } = packPayload({
      number,
      input,
      references: located.map(({ location }) => location),
    });
    const entry: SubmitEntry = {
      id,
      attempt: attemptNumber,
      template: this.#options.templates.numberOf(definition, options),
      payload: bytes as Buffer,
      inputs: located.map(({ location, worker }) => ({
        bytes: location.bytes,
        workers: worker ? [worker] : [],
      })),
      digest: crc32(input.body),
    };
    const open = newOpenAttempt(attempt, number, isHeldBack ? input : undefined, entry);
    attempt.state = 'handed';
    this.#options.attempts.add(open);
    this.#options.submitter.push(open);
  }

  #callActor(attempt: Attempt, number: number, input: EncodedValue): void {
    const open = newOpenAttempt(attempt, number, undefined, undefined);
    const refusal = this.#options.actors.call(open, input);
    if (refusal) {
      this.#options.ledger.end(attempt, refusal);
      return;
    }
    attempt.state = 'handed';
    this.#options.attempts.add(open);
  }
}

const NO_LOCATIONS: readonly ReturnType<ObjectBook['locate']>[] = [];
