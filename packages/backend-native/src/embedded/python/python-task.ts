/** What a host child runs for Python tasks: each call goes on to the interpreter of this process. */
import type { Message } from '@anant/bridge/host';
import { AnantError, isErrorCode, type RemoteErrorData, type TaskContext } from '@anant/core';
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import { Interpreter } from './interpreter.js';
import { PYTHON_SETTINGS, type PythonCall, type PythonPart, type PythonPayload } from './python-call.js';

let starting: Promise<Interpreter> | undefined;
let serial = 0;

/** Calls a Python function; the result is a payload, whatever the function returned. */
export async function callPython(call: PythonCall, context: TaskContext): Promise<PythonPayload> {
  let result: PythonPayload | undefined;
  let onResult: () => void = () => {};
  await execute(call, context, undefined, (payload) => {
    result = payload;
    onResult();
  });
  if (!result) {
    await new Promise<void>((resolve) => {
      onResult = resolve;
    });
  }
  return result as unknown as PythonPayload;
}

/** Calls a Python generator and yields a payload per item. Python makes an item when it is asked for. */
export async function* streamPython(call: PythonCall, context: TaskContext): AsyncGenerator<PythonPayload> {
  const stream = new PythonStream();
  const credits = new CreditLine();
  const ended = execute(call, context, credits, (payload) => stream.push(payload)).then(
    (items) => stream.end(items, undefined),
    (thrown: unknown) => stream.end((thrown as { items?: number }).items ?? 0, { thrown }),
  );
  try {
    for (;;) {
      credits.grant();
      const item = await stream.next();
      if (item === undefined) break;
      yield item;
    }
  } finally {
    // The interpreter is free for the next call only then.
    await ended;
  }
}

/** Items that arrived, and the end, which may overtake them. */
class PythonStream {
  readonly #items: PythonPayload[] = [];
  #taken = 0;
  #expected: number | undefined;
  #failure: { readonly thrown: unknown } | undefined;
  #wake: () => void = () => {};

  push(item: PythonPayload): void {
    this.#items.push(item);
    this.#wake();
  }

  end(expected: number, failure: { readonly thrown: unknown } | undefined): void {
    this.#expected = expected;
    this.#failure = failure;
    this.#wake();
  }

  /** @returns `undefined` after the last item. @throws what ended the stream */
  async next(): Promise<PythonPayload | undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item) {
        this.#taken += 1;
        return item;
      }
      if (this.#expected !== undefined && this.#taken >= this.#expected) {
        if (this.#failure) throw this.#failure.thrown;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Hands credits on to the interpreter; those given before it has the call wait for it. */
class CreditLine {
  #owed = 0;
  #send: ((credits: number) => void) | undefined;

  grant(): void {
    if (this.#send) this.#send(1);
    else this.#owed += 1;
  }

  connect(send: (credits: number) => void): void {
    this.#send = send;
    if (this.#owed > 0) send(this.#owed);
  }
}

/** @returns how many stream items the call sent. @throws what the Python code raised, as an error that reads the same */
async function execute(
  { payload, ...call }: PythonCall,
  context: TaskContext,
  credits: CreditLine | undefined,
  onValue: (payload: PythonPayload) => void,
): Promise<number> {
  const interpreter = await interpreterOf();
  // Says that the interpreter is there and the call begins.
  context.heartbeat();
  serial += 1;
  const number = serial;
  const files: number[] = [];
  const buffers = payload.parts.map((part, index) => {
    if (part instanceof Uint8Array) return part;
    files.push(index);
    return encodeMessage(part);
  });
  interpreter.send('input', { serial: number, value: [payload.body, buffers.length], files }, buffers);
  const onAbort = (): void => interpreter.send('cancel', { serial: number });
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  const { taskId: id, attempt } = context;
  try {
    const request = { ...call, id, attempt, serial: number, stream: credits !== undefined };
    const ending = interpreter.run(request, (message, frames) =>
      report(message, frames, number, context, onValue),
    );
    credits?.connect((count) => interpreter.send('credit', { serial: number, credits: count }));
    const end = await ending;
    if (end.status !== 'ok') throw thrownBy(end, context);
    return Number(end.items);
  } finally {
    context.signal.removeEventListener('abort', onAbort);
  }
}

async function interpreterOf(): Promise<Interpreter> {
  starting ??= Interpreter.start(JSON.parse(process.env[PYTHON_SETTINGS] ?? '{}'));
  return await starting;
}

function report(
  { kind, body }: Message,
  frames: readonly Uint8Array[],
  number: number,
  context: TaskContext,
  onValue: (payload: PythonPayload) => void,
): void {
  if (body.serial !== number) return;
  if (kind === 'heartbeat') context.heartbeat();
  else if (kind === 'progress') {
    context.progress(Number(body.done), Number(body.total), (body.note as string | null) ?? undefined);
  } else {
    const files = new Set(body.files as number[]);
    const parts = frames.map((frame, index) =>
      files.has(index) ? (decodeMessage(frame) as PythonPart) : frame,
    );
    onValue({ body: (body.value as [Uint8Array, number])[0], parts });
  }
}

function thrownBy(end: Record<string, unknown>, context: TaskContext): unknown {
  const items = Number(end.items);
  if (end.status === 'cancelled') return Object.assign(context.signal.reason as object, { items });
  if (end.status === 'refused') {
    const { code, reason, advice } = end as { code: string; reason: string; advice: string };
    const error = new AnantError(isErrorCode(code) ? code : 'E_TASK_INVALID', reason, { advice });
    return Object.assign(error, { items });
  }
  return Object.assign(revive(end.error as RemoteErrorData), { items });
}

/** An error that is described again as the data it was made of. */
function revive(data: RemoteErrorData): Error {
  const { code, message, type, traceback, cause, retryable } = data;
  const error = isErrorCode(code)
    ? new AnantError(code, message, { retryable: retryable ?? true })
    : new Error(message);
  error.name = type;
  const facts = {
    stack: traceback,
    ...(retryable === false && { retryable }),
    ...(cause && { cause: revive(cause) }),
  };
  return Object.assign(error, facts);
}
