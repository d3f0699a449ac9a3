/** Tasks that are too much, for the tests of trouble. `trouble_tasks.py` has the same in Python. */
import { defineTask } from '@anant/core';

const GIBIBYTE = 2 ** 30;

/** Never written to, so that the machine does not pay for it unless somebody copies it. */
export const returnGibibyte = defineTask({
  module: import.meta.url,
  export: 'returnGibibyte',
  run: () => new Uint8Array(GIBIBYTE),
});
