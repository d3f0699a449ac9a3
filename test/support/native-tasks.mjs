/** Tasks that behave well and badly, for the tests of the native backend. Tasks meet the test at files. */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';

const WAIT_MS_MAX = 60_000;

export const noop = (input) => input;

export const boom = (message) => {
  throw new RangeError(message);
};

/** Marks its start, then ends its own thread or process. */
export const exit = ({ code, started }) => {
  if (started) writeFileSync(started, '');
  process.exit(code);
};

/** Never yields. */
export const loop = () => {
  for (;;);
};

/** Yields, and never ends. */
export const hang = () => new Promise(() => setInterval(() => {}, 1000));

export const untilAborted = (_input, context) =>
  new Promise((_resolve, reject) => {
    if (context.signal.aborted) reject(context.signal.reason);
    context.signal.addEventListener('abort', () => reject(context.signal.reason));
    setInterval(() => {}, 1000);
  });

/** Never yields, but looks at its signal. */
export const loopUntilAborted = (_input, { signal }) => {
  for (;;) signal.throwIfAborted();
};

export const takeMemory = () => {
  const kept = [];
  for (;;) kept.push(new Array(1_000_000).fill(kept.length));
};

export const giveFunction = () => ({ rows: [{ when: () => 0 }] });

export const giveBytes = (bytes) => new Uint8Array(bytes);

/** Waits for a file; looks for it without yielding. */
export const spinUntil = (path) => {
  const endMs = performance.now() + WAIT_MS_MAX;
  while (!existsSync(path)) if (performance.now() > endMs) throw new Error(`no ${path}`);
  return 'seen';
};

export const append = ({ path, line }) => {
  appendFileSync(path, `${line}\n`);
  return line;
};

export async function* count({ to, produced }) {
  for (let item = 0; item < to; item += 1) {
    if (produced) appendFileSync(produced, `${item}\n`);
    yield item;
  }
}

export const report = (_input, context) => {
  context.progress(1, 2, 'half');
  context.heartbeat();
  return { id: context.taskId, attempt: context.attempt };
};

/** Writes into its input: shows whether that is its own. */
export const overwrite = (input) => {
  input.list[0] = 'changed';
  return input.list[0];
};

export const sum = (values) => values.reduce((total, value) => total + value, 0);

export class Tally {
  #total;
  constructor(from) {
    if (from < 0) throw new RangeError('from must not be negative');
    this.#total = from;
  }
  add(step) {
    this.#total += step;
    return this.#total;
  }
  exit() {
    process.exit(4);
  }
  hold(path) {
    return spinUntil(path);
  }
}
