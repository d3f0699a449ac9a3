/** The exports of graph.wasm. Functions that are no kernels are exported to keep them out of their callers. */
export { __heap_base };
export { breadthFirstSearch, pullLevel, pushLevel } from './bfs';
export { connectedComponents, joinMembers } from './components';
export { degrees } from './degrees';
export { findSets } from './distinct-sets';
export { kCore, peelVertices } from './k-core';
export { labelPropagation, relabel } from './label-propagation';
export { collectRanks, pagerank, spreadRanks } from './pagerank';
export { joinSets, sComponents } from './s-components';
