export type { BuildOptions } from './build-parts.js';
export { Hypergraph } from './hypergraph.js';
