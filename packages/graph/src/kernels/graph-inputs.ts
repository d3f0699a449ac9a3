/** The parameters of kernels that read one side of a graph, or both. */
export const EDGE_INPUTS = [
  { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
  { name: 'edgeMembers', role: 'in', type: 'u32[]' },
] as const;

export const BOTH_INPUTS = [
  ...EDGE_INPUTS,
  { name: 'nodeOffsets', role: 'in', type: 'u32[]' },
  { name: 'nodeMembers', role: 'in', type: 'u32[]' },
] as const;
