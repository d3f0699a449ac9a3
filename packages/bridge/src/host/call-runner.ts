/** Executes calls in the host child, one at a time, and tells the parent how each ended. Knows no pipe. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AnantError,
  type Clock,
  describeError,
  type ErrorCode,
  type RemoteErrorData,
  type TaskFunction,
  type TypeScriptReference,
} from '@anant/core';
import { decodeValue, type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';
import { attachValue, ValueReader } from '../wire/encoded-value.js';
import { type ActorClass, actorMethod } from './actor-method.js';
import type { IncomingMessage } from './control-channel.js';
import { OpenCall, type OpenCallOptions } from './open-call.js';

export interface CallRunnerOptions {
  readonly clock: Clock;
  readonly payloadBytesMax: number;
  readonly load: (reference: TypeScriptReference) => Promise<TaskFunction>;
  readonly send: (kind: string, body: object, buffers?: readonly Uint8Array[]) => void;
  readonly poll: () => void;
  readonly log: (line: string) => void;
  readonly gpu: OpenCallOptions['gpu'];
}

type EndStatus = 'ok' | 'app-error' | 'cancelled' | 'refused';

/** Codes that mean the task cannot run here at all; anything else a task raises is its own error. */
const REFUSALS: readonly ErrorCode[] = ['E_TASK_NOT_FOUND', 'E_TASK_VERSION', 'E_TASK_INVALID'];

export class CallRunner {
  readonly #options: CallRunnerOptions;
  readonly #running = new AsyncLocalStorage<OpenCall>();
  #call: OpenCall | undefined;
  #mustRetire = false;
  /** What lives here between the calls of an actor. */
  #actor: object | undefined;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  /** @throws TypeError when the parent breaks the protocol. */
  handle(message: IncomingMessage): void {
    const { body } = message;
    if (message.kind === 'call') {
      this.#begin(message);
      return;
    }
    if (message.kind === 'forget') this.#actor = undefined;
    const call = this.#call;
    if (!call || call.id !== body.id || call.attempt !== body.attempt) return;
    if (message.kind === 'cancel') call.cancel();
    else if (message.kind === 'credit') call.credits.grant(Number(body.credits));
  }

  /** Takes an exception nobody caught: it ends the call it belongs to, and asks for another child. */
  escaped(thrown: unknown): void {
    // Microtasks queued by hand have no store; they run within the current call's turn.
    const owner = this.#running.getStore() ?? this.#call;
    this.#mustRetire = true;
    if (owner?.isOpen) {
      this.#end(owner, 'app-error', describeError(thrown));
      return;
    }
    const { type, message, traceback } = describeError(thrown);
    this.#options.log(`An earlier task let an error escape: ${traceback ?? `${type}: ${message}`}`);
  }

  #begin(message: IncomingMessage): void {
    const { body } = message;
    if (this.#call) throw new TypeError('A call came while another one is open.');
    if (typeof body.id !== 'string' || typeof body.attempt !== 'number') {
      throw new TypeError('A call needs an id and an attempt.');
    }
    const call = new OpenCall({
      id: body.id,
      attempt: body.attempt,
      credits: typeof body.credits === 'number' ? body.credits : undefined,
      clock: this.#options.clock,
      send: this.#options.send,
      poll: this.#options.poll,
      gpu: this.#options.gpu,
    });
    this.#call = call;
    void this.#running.run(call, () => this.#run(call, message));
  }

  async #run(call: OpenCall, { body, buffers }: IncomingMessage): Promise<void> {
    try {
      const load = () => this.#options.load(checkReference(body.def));
      const method = methodAsked(body.actor);
      const task = typeof method === 'string' ? actorMethod(this.#actor, method) : await load();
      const input = decodeInput(new ValueReader(buffers).take(body.value));
      if (method === null) {
        this.#actor = new (task as unknown as ActorClass)(input);
        this.#end(call, 'ok', null);
        return;
      }
      const result: unknown = task(input, call.context);
      if (body.stream === true) {
        await this.#pump(call, result);
      } else {
        this.#endOk(call, encodeValue(await result, 'result'));
      }
    } catch (thrown) {
      this.#endThrown(call, thrown);
    }
  }

  async #pump(call: OpenCall, result: unknown): Promise<void> {
    const items = openIterator(result);
    for (let sequence = 0; ; sequence += 1) {
      if (!(await call.credits.take(call.signal))) {
        await items.return?.();
        throw call.signal.reason;
      }
      const step = await items.next();
      if (!call.isOpen) return;
      if (step.done) break;
      const value = encodeValue(step.value, `items[${sequence}]`);
      this.#checkSize(value);
      const attached: Uint8Array[] = [];
      const { id, attempt } = call;
      const body = { id, attempt, sequence, value: attachValue(value, attached) };
      this.#options.send('item', body, attached);
    }
    this.#end(call, 'ok', null);
  }

  #endOk(call: OpenCall, value: EncodedValue): void {
    this.#checkSize(value);
    const buffers: Uint8Array[] = [];
    this.#end(call, 'ok', attachValue(value, buffers), buffers);
  }

  #checkSize(value: EncodedValue): void {
    const bytes = encodedBytes(value);
    const max = this.#options.payloadBytesMax;
    if (bytes <= max) return;
    throw new AnantError(
      'E_PAYLOAD_TOO_LARGE',
      `The result takes ${bytes} bytes; at most ${max} can be carried.`,
      {
        advice: 'Return less, stream it in parts, or write it to shared storage and return where it is.',
        details: { bytes, max },
      },
    );
  }

  #endThrown(call: OpenCall, thrown: unknown): void {
    if (call.isCancellation(thrown)) {
      this.#end(call, 'cancelled', 'ask');
    } else if (AnantError.is(thrown) && REFUSALS.includes(thrown.code)) {
      this.#end(call, 'refused', [thrown.code, thrown.message, thrown.advice ?? null]);
    } else {
      this.#end(call, 'app-error', describeError(thrown));
    }
  }

  #end(
    call: OpenCall,
    status: EndStatus,
    detail: RemoteErrorData | string | readonly unknown[] | null,
    buffers: readonly Uint8Array[] = [],
  ): void {
    if (!call.isOpen) return;
    call.close();
    this.#call = undefined;
    const { id, attempt } = call;
    this.#options.send('end', { id, attempt, status, detail, retire: this.#mustRetire }, buffers);
  }
}

/** Of the actor that lives here: a method, null to make it, or undefined for a call of no actor. */
function methodAsked(actor: unknown): string | null | undefined {
  if (actor === null || actor === undefined) return undefined;
  const { method } = actor as { readonly method?: unknown };
  return typeof method === 'string' ? method : null;
}

function checkReference(value: unknown): TypeScriptReference {
  const reference = value as Partial<TypeScriptReference> | null;
  if (
    typeof reference !== 'object' ||
    reference?.kind !== 'typescript' ||
    typeof reference.module !== 'string' ||
    typeof reference.export !== 'string' ||
    typeof reference.version !== 'string'
  ) {
    throw new AnantError('E_TASK_INVALID', 'A Node host child runs TypeScript definitions only.', {
      advice: 'Send Python tasks and kernels to the worker itself.',
    });
  }
  return reference as TypeScriptReference;
}

/** The items of a stream: what an async or plain generator, or any iterable, yields. */
export function openIterator(value: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (typeof value === 'object' && value !== null) {
    if (Symbol.asyncIterator in value) return (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (Symbol.iterator in value) return (value as Iterable<unknown>)[Symbol.iterator]();
  }
  throw new AnantError('E_TASK_INVALID', 'The task is declared as a stream but returned no iterable.', {
    advice: 'Write its function as an async generator (async function*).',
  });
}

const decodeInput = ({ body, buffers }: EncodedValue): never => decodeValue(body, buffers) as never;
