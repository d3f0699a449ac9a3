/** Three tasks of a small pipeline. Each takes one portable value and returns one. */
import { defineTask } from '@anant/core';

export const words = defineTask({
  module: import.meta.url,
  export: 'words',
  run: (text: string) => text.toLowerCase().match(/[a-z]+/g) ?? [],
});

export const lengths = defineTask({
  module: import.meta.url,
  export: 'lengths',
  run: (list: readonly string[]) => Uint32Array.from(list, (word) => word.length),
});

export const mean = defineTask({
  module: import.meta.url,
  export: 'mean',
  run: ({ values }: { values: Uint32Array }) => values.reduce((sum, value) => sum + value, 0) / values.length,
});

export const slowly = defineTask({
  module: import.meta.url,
  export: 'slowly',
  run: async (steps: number, context) => {
    for (let done = 0; done < steps && !context.signal.aborted; done++) {
      context.progress(done, steps);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
});
