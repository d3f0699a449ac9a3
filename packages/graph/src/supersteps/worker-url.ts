/** Where the compiled worker is: beside the bundle, or in `dist` when the sources run directly. */
const relative = import.meta.url.endsWith('.ts') ? '../../dist/superstep-worker.js' : './superstep-worker.js';

export const WORKER_URL = new URL(relative, import.meta.url).href;
