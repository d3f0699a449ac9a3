/** The tasks that the cluster tests run. */
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { defineTask } from '@anant/core';

const exported = (name: string) => ({ module: import.meta.url, export: name });

export const double = defineTask({ ...exported('double'), run: (value: number) => 2 * value });

/** Takes a while, then doubles. */
export const slowDouble = defineTask({
  ...exported('slowDouble'),
  run: async ({ value, ms }: { value: number; ms: number }) => {
    await setTimeout(ms);
    return 2 * value;
  },
});

/** Writes a line, then waits for a file. */
export const hold = defineTask({
  ...exported('hold'),
  run: async ({ log, release }: { log: string; release: string }, context) => {
    appendFileSync(log, `${process.pid}\n`);
    context.progress(process.pid, process.pid);
    while (!existsSync(release)) await setTimeout(10);
    return process.pid;
  },
});

/** So many bytes of one value. */
export const fill = defineTask({
  ...exported('fill'),
  run: ({ byte, bytes }: { byte: number; bytes: number }) => new Uint8Array(bytes).fill(byte),
});

/** As long as it is: small to run, and not small to keep. */
export const lengthOf = defineTask({ ...exported('lengthOf'), run: (text: string) => text.length });
