/** The same sum declared twice: in TypeScript and in Python (`sums.py`). */
import { definePythonTask, defineTask } from '@anant/core';
import { z } from 'zod';

export const sum = defineTask({
  module: import.meta.url,
  export: 'sum',
  workload: 'batch',
  run: (values: Float64Array) => values.reduce((total, value) => total + value, 0),
});

export const pythonSum = definePythonTask({
  target: 'sums:total',
  workload: 'batch',
  input: z.instanceof(Float64Array),
  output: z.number(),
});
