/** The tasks that the programs beside this folder run. */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { defineTask } from '@anant/core';

const define = (name, run) => defineTask({ module: import.meta.url, export: name, run });

export const noop = define('noop', (input) => input);

/** So many bytes, the last of which is 7. */
export const bytesOf = define('bytesOf', (count) => {
  const bytes = new Uint8Array(count);
  bytes[count - 1] = 7;
  return bytes;
});

export const sizeOf = define('sizeOf', ({ bytes }) => bytes.length);

/** Takes so many milliseconds. */
export const rest = define('rest', async (ms) => {
  await setTimeout(ms);
  return ms;
});

/** Reports the process it runs in until the file `gate` is there. */
export const whereFrom = define('whereFrom', async ({ gate }, context) => {
  while (!existsSync(gate)) {
    context.progress(process.pid, process.pid);
    await setTimeout(10);
  }
  return process.pid;
});
