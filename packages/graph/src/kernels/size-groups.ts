/** Scratch in which a kernel keeps the lists of a block by size; its length is that of the kernel's `size-groups.ts`. */
export const SIZE_GROUPS = { name: 'groups', role: 'scratch', type: 'u32[]', length: 5136 } as const;
