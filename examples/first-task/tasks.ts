import { defineTask } from '@anant/core';

export const square = defineTask({
  module: import.meta.url,
  export: 'square',
  run: (value: number) => value * value,
});
