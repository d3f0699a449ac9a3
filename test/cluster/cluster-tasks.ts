/** The tasks that the cluster tests run. */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
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

/** Writes down where it runs, and waits until that process may go on. */
export const holdHere = defineTask({
  ...exported('holdHere'),
  run: async ({ folder, index }: { folder: string; index: number }) => {
    appendFileSync(join(folder, 'began'), `${process.pid}\n`);
    while (!existsSync(join(folder, `${process.pid}`))) await setTimeout(10);
    return index;
  },
});

/** So many bytes of one value. */
export const fill = defineTask({
  ...exported('fill'),
  run: ({ byte, bytes }: { byte: number; bytes: number }) => new Uint8Array(bytes).fill(byte),
});

/** As long as it is: small to run, and not small to keep. */
export const lengthOf = defineTask({ ...exported('lengthOf'), run: (text: string) => text.length });

/** Writes down where it runs, and ends that process as the kernel does when memory runs out. */
export const killsItsProcess = defineTask({
  ...exported('killsItsProcess'),
  run: async (log: string) => {
    appendFileSync(log, `${process.pid}\n`);
    process.kill(process.pid, 'SIGKILL');
    await setTimeout(60_000);
  },
});
