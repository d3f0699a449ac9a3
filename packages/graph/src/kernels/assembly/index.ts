/** The exports of graph.wasm. Functions that are no kernels are exported to keep them out of their callers. */
export { __heap_base };
export { allDistances, pullMasks, pushMasks, settleMasks } from './all-distances';
export { addDependencies, betweenness, countPaths } from './betweenness';
export { breadthFirstSearch, pullLevel, pushLevel } from './bfs';
export { connectedComponents, joinMembers } from './components';
export { degrees } from './degrees';
export { findSets } from './distinct-sets';
export { kCore, peelVertices } from './k-core';
export { labelPropagation, relabel } from './label-propagation';
export { mirrorArcs, mirrorRows } from './mirror-arcs';
export { nodeDistances, reachNodes } from './node-distances';
export { collectRanks, pagerank, spreadRanks } from './pagerank';
export { joinSets, sComponents } from './s-components';
export { countLines, sLineCount } from './s-line-count';
export { fillLines, sLineFill } from './s-line-fill';
