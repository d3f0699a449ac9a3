/** A fixture declared with `defineTask`: workers must take its run function out of the definition. */
import { defineTask } from '../define/index.js';

export const declaredAdd = defineTask({
  module: import.meta.url,
  export: 'declaredAdd',
  run: (input: { readonly a: number; readonly b: number }) => input.a + input.b,
});
