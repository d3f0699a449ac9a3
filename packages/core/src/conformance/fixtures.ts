/**
 * The tasks that the conformance clauses run, in TypeScript. This file imports nothing but Node, so that its
 * compiled copy is one self-contained module. `anant_bridge.conformance` declares the same tasks in Python.
 * Tasks meet the test at files: a task writes its mark to `started`, and goes on when `release` exists.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Longest a fixture waits for a file, in milliseconds. Past it the task throws: a test must not hang for ever. */
const FILE_WAIT_MS_MAX = 120_000;
const FILE_POLL_MS = 4;
/** Most memory `exhaustMemory` takes before it gives up, in bytes. */
const MEMORY_BYTES_MAX = 8 * 1024 ** 3;

interface Context {
  readonly taskId: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  progress(done: number, total: number, note?: string): void;
  heartbeat(): void;
  readonly gpu: {
    createKernel(
      source: string,
      options: object,
    ): ((...values: unknown[]) => Promise<unknown>) & { readonly device: string | undefined };
  };
}

/** Where a task leaves its mark: its process ids, as `{"pid", "parent"}`. */
interface Started {
  readonly started?: string | undefined;
}

function markStarted(path: string | undefined): void {
  if (path === undefined) return;
  // Written aside and renamed: a reader never sees half a mark.
  writeFileSync(`${path}.part`, JSON.stringify({ pid: process.pid, parent: process.ppid }));
  renameSync(`${path}.part`, path);
}

async function fileExists(path: string): Promise<void> {
  const endMs = performance.now() + FILE_WAIT_MS_MAX;
  while (!existsSync(path)) {
    if (performance.now() > endMs) throw new Error(`No file ${path} within ${FILE_WAIT_MS_MAX} ms.`);
    if (!existsSync(dirname(path))) throw new Error(`The test that was to write ${path} has ended.`);
    await new Promise((resolve) => setTimeout(resolve, FILE_POLL_MS));
  }
}

export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

export const echo = (input: unknown): unknown => input;

/** Squares the matrix of `size` rows whose cell is its row plus its column. */
export async function multiplyOnGpu(
  { size }: { readonly size: number },
  { gpu }: Context,
): Promise<{ readonly rows: Float32Array[]; readonly device: string }> {
  const multiply = gpu.createKernel(
    `function (a) {
      let sum = 0;
      for (let i = 0; i < this.constants.size; i++) sum += a[this.thread.y][i] * a[i][this.thread.x];
      return sum;
    }`,
    { output: [size, size], constants: { size } },
  );
  const values = Float32Array.from({ length: size * size }, (_, at) => (at % size) + Math.floor(at / size));
  const rows = (await multiply({ values, shape: [size, size] })) as Float32Array[];
  return { rows, device: multiply.device ?? 'none' };
}

export const add = (input: { readonly a: number; readonly b: number }): number => input.a + input.b;

export const sumList = (input: readonly number[]): number => input.reduce((total, next) => total + next, 0);

export const describeContext = (_input: unknown, context: Context): unknown => ({
  taskId: context.taskId,
  attempt: context.attempt,
});

const failures: Readonly<Record<string, (message: string) => unknown>> = {
  custom: (message) => new ConformanceError(message),
  text: (message) => message,
  record: (message) => ({ message }),
  nothing: () => undefined,
  cause: (message) =>
    new ConformanceError(message, {
      cause: new RangeError('the middle', { cause: new TypeError('the root') }),
    }),
  loop: (message) => {
    const error = new ConformanceError(message);
    error.cause = error;
    return error;
  },
  huge: (message) => new ConformanceError(message + 'x'.repeat(8 * 1024 * 1024)),
};

/** Throws what `kind` names, synchronously. */
export function fail(input: { readonly kind: string; readonly message: string }): never {
  const failure = failures[input.kind];
  if (failure === undefined) throw new TypeError(`fail knows no kind "${input.kind}".`);
  throw failure(input.message);
}

/** Lets an error escape from a callback that nobody awaits. */
export function failOutside(input: { readonly message: string }): Promise<never> {
  return new Promise(() => {
    setTimeout(() => {
      throw new ConformanceError(input.message);
    }, 0);
  });
}

/** Waits until cancellation is asked for, then throws as a well-behaved task does. */
export async function sleepUntilSignal(input: Started, context: Context): Promise<never> {
  const aborted = new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  markStarted(input.started);
  const alive = setInterval(() => {}, 60_000);
  await aborted;
  clearInterval(alive);
  throw context.signal.reason ?? new Error('cancelled');
}

/** Yields to the event loop for ever and ignores cancellation. */
export function hang(input: Started): Promise<never> {
  markStarted(input.started);
  return new Promise(() => {
    setInterval(() => {}, 60_000);
  });
}

/** Never yields. */
export function busyLoop(input: Started): never {
  markStarted(input.started);
  for (;;);
}

/** Ends its own thread or process. */
export function exitProcess(input: Started & { readonly code: number }): never {
  markStarted(input.started);
  process.exit(input.code);
}

/** Takes memory outside and inside the heap until it is stopped. */
export function exhaustMemory(input: Started): string {
  markStarted(input.started);
  const kept: unknown[] = [];
  const chunkBytes = 16 * 1024 * 1024;
  for (let bytes = 0; bytes < MEMORY_BYTES_MAX; bytes += chunkBytes) {
    kept.push(new Array(chunkBytes / 8).fill(bytes));
  }
  return `no limit stopped ${kept.length} chunks`;
}

/** Reports `steps` of `steps`, one after the other. */
export function reportProgress(
  input: { readonly steps: number; readonly note?: string },
  context: Context,
): number {
  for (let done = 1; done <= input.steps; done++) context.progress(done, input.steps, input.note);
  return input.steps;
}

/** Reports progress once, then waits for `release`; so that an early report can be told from a late one. */
export async function reportAndWait(
  input: { readonly done: number; readonly total: number; readonly note: string; readonly release: string },
  context: Context,
): Promise<string> {
  context.progress(input.done, input.total, input.note);
  await fileExists(input.release);
  return 'released';
}

/** Sends one heartbeat, then waits for `release`. */
export async function beatAndWait(input: { readonly release: string }, context: Context): Promise<string> {
  context.heartbeat();
  await fileExists(input.release);
  return 'released';
}

/** Sends heartbeats until `release` exists. */
export async function beatUntil(
  input: Started & { readonly release: string },
  context: Context,
): Promise<string> {
  markStarted(input.started);
  const beat = setInterval(() => context.heartbeat(), 20);
  try {
    await fileExists(input.release);
  } finally {
    clearInterval(beat);
  }
  return 'released';
}

/** Yields 0 … count−1; at item `failAt` it throws instead; `produced` counts what was really produced. */
export async function* streamCount(input: {
  readonly count: number;
  readonly failAt?: number;
  readonly produced?: string;
}): AsyncGenerator<number> {
  for (let item = 0; item < input.count; item++) {
    if (item === input.failAt) throw new ConformanceError(`failed at ${item}`);
    if (input.produced !== undefined) appendFileSync(input.produced, `${item}\n`);
    yield item;
  }
}

/** Yields the parts of `items`, whatever they are. */
export async function* streamItems(input: { readonly items: readonly unknown[] }): AsyncGenerator<unknown> {
  for (const item of input.items) yield item;
}

/** Yields one item, then a value no backend can carry. */
export async function* streamFunction(): AsyncGenerator<unknown> {
  yield 'portable';
  yield () => 'not portable';
}

/** Yields one item, then waits for cancellation. */
export async function* streamUntilSignal(_input: unknown, context: Context): AsyncGenerator<unknown> {
  yield 'first';
  await sleepUntilSignal({}, context);
}

export const returnFunction = (): unknown => ({ rows: [{ when: () => 0 }] });

export const returnNothing = (): void => {};

/** Bytes whose element i is i modulo 251. */
export function returnLarge(input: { readonly bytes: number }): Uint8Array {
  const bytes = new Uint8Array(input.bytes);
  for (let index = 0; index < bytes.length; index++) bytes[index] = index % 251;
  return bytes;
}

/** Length and a sum that depends on the order, so that a wrong byte shows. */
export function digestBytes(input: { readonly bytes: Uint8Array }): unknown {
  let digest = 0;
  for (const byte of input.bytes) digest = (digest * 31 + byte) % 1_000_003;
  return { length: input.bytes.length, digest };
}

/** Marks its start and returns once `release` exists; cancellation does not interrupt it. */
export async function waitForFile(input: Started & { readonly release: string }): Promise<string> {
  markStarted(input.started);
  await fileExists(input.release);
  return 'released';
}

/** Like `waitForFile`, but says nothing to the engine until the file exists: a task that is slow to start. */
export async function slowStart(input: { readonly release: string }, context: Context): Promise<string> {
  await fileExists(input.release);
  context.heartbeat();
  return 'started';
}

/** Appends `line` to the file and returns `value`: counts how often it really ran. */
export function record(input: {
  readonly path: string;
  readonly line: string;
  readonly value?: unknown;
}): unknown {
  appendFileSync(input.path, `${input.line}\n`);
  return input.value ?? input.line;
}

/** Appends `line`, waits for `release`, returns `line`. */
export async function recordAndWait(
  input: Started & { readonly path: string; readonly line: string; readonly release: string },
): Promise<string> {
  appendFileSync(input.path, `${input.line}\n`);
  markStarted(input.started);
  await fileExists(input.release);
  return input.line;
}

/** Appends `begin` and `end` around a wait for `release`: shows which executions overlapped. */
export async function recordSpan(input: {
  readonly path: string;
  readonly line: string;
  readonly release: string;
}): Promise<string> {
  appendFileSync(input.path, `begin ${input.line}\n`);
  await fileExists(input.release);
  appendFileSync(input.path, `end ${input.line}\n`);
  return input.line;
}

/** Fails its first `times` executions, counted in the file; then returns how often it ran. */
export function failUntil(input: { readonly path: string; readonly times: number }): number {
  appendFileSync(input.path, 'run\n');
  const runs = readFileSync(input.path, 'utf8').split('\n').length - 1;
  if (runs <= input.times) throw new ConformanceError(`run ${runs} fails`);
  return runs;
}

/** Ends its own worker on its first `times` executions, counted in the file; then returns how often it ran. */
export function exitUntil(input: { readonly path: string; readonly times: number }): number {
  appendFileSync(input.path, 'run\n');
  const runs = readFileSync(input.path, 'utf8').split('\n').length - 1;
  if (runs <= input.times) process.exit(7);
  return runs;
}

/** A counter: the actor of the clauses. */
export class Counter {
  #value: number;

  constructor(input: { readonly from: number }) {
    if (input.from < 0) throw new ConformanceError('a counter starts at 0 or above');
    this.#value = input.from;
  }

  add(input: number): number {
    this.#value += input;
    return this.#value;
  }

  read(): number {
    return this.#value;
  }

  async hold(input: Started & { readonly release: string }): Promise<number> {
    markStarted(input.started);
    await fileExists(input.release);
    return this.#value;
  }

  refuse(input: string): never {
    throw new ConformanceError(input);
  }

  exit(): never {
    process.exit(7);
  }
}
