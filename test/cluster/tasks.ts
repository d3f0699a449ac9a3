import { defineTask } from '@anant/core';

/** Takes its time and gives back its input. */
export const restTask = defineTask({
  module: new URL('./rest.mjs', import.meta.url).href,
  export: 'rest',
  run: (value: number): Promise<number> => Promise.resolve(value),
});
