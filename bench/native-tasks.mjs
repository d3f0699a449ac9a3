/** The tasks that `native.mjs` runs. */
import { defineTask } from '@anant/core';

export const noop = defineTask({ module: import.meta.url, export: 'noop', run: (input) => input });

/** What piscina runs beside it. */
export const piscinaNoop = (input) => input;
