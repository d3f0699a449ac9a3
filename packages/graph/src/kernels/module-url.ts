/** Where the compiled kernels are: beside the bundle, or in `dist` when the sources run directly. */
const relative = import.meta.url.endsWith('.ts') ? '../../dist/kernels/graph.wasm' : './kernels/graph.wasm';

export const KERNELS_URL = new URL(relative, import.meta.url).href;
