/** Tasks for a cluster that is in trouble. */
import { setTimeout } from 'node:timers/promises';
import { defineTask } from '@anant/core';

/** Gives its number back after a while. */
export const slowEcho = defineTask({
  module: import.meta.url,
  export: 'slowEcho',
  run: async ({ number, durationMs }: { number: number; durationMs: number }) => {
    await setTimeout(durationMs);
    return number;
  },
});
