/** Every wait of the kit ends: with what it waits for, or as a violation that says what did not happen. */
import { existsSync, readFileSync } from 'node:fs';
import { Violation } from './violation.js';

const FILE_POLL_MS = 5;

/** @throws Violation `<what> did not happen within <deadlineMs> ms` */
export async function within<Value>(
  promise: Promise<Value>,
  deadlineMs: number,
  what: () => string,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Violation(`${what()} did not happen within ${deadlineMs} ms`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `condition` gives something other than `undefined`. For conditions no event announces. */
export async function until<Value>(
  condition: () => Value | undefined | Promise<Value | undefined>,
  deadlineMs: number,
  what: () => string,
): Promise<Value> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (performance.now() > endMs) throw new Violation(`${what()} did not happen within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, FILE_POLL_MS));
  }
}

/** Waits for a file a task writes, and gives its text. */
export function fileText(path: string, deadlineMs: number): Promise<string> {
  return until(
    () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    deadlineMs,
    () => `the file ${path}`,
  );
}

/** The lines of a file tasks append to; none when it does not exist. */
export function fileLines(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}
