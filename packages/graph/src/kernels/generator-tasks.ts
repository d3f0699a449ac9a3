/** The generators as portable tasks: the same seed gives the same bytes on every backend. Bad input ends as `E_KERNEL_TRAP`. */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

/** `hyperedgeCount` different sets of `size` vertices; `memberCount` is their product. */
export const uniformTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'generateUniform',
  name: 'graph.generate-uniform',
  parameters: [
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'size', role: 'in', type: 'u32' },
    { name: 'hyperedgeCount', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'memberCount', role: 'in', type: 'u32' },
    { name: 'members', role: 'out', type: 'u32[]', length: { of: 'memberCount' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'hyperedgeCount', times: 4, plus: 4 } },
  ],
});

/** How many of `setCount` sets are hyperedges when each is with `probability`. */
export const binomialCountTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'countBinomialSets',
  name: 'graph.count-binomial',
  parameters: [
    { name: 'setCount', role: 'in', type: 'f64' },
    { name: 'probability', role: 'in', type: 'f64' },
    { name: 'seed', role: 'in', type: 'u32' },
  ],
  returns: 'u32',
});

/** The hyperedges that `binomialCountTask` counted; `memberCount` is their number times `size`. */
export const binomialTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'generateBinomialSets',
  name: 'graph.generate-binomial',
  parameters: [
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'size', role: 'in', type: 'u32' },
    { name: 'probability', role: 'in', type: 'f64' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'memberCount', role: 'in', type: 'u32' },
    { name: 'members', role: 'out', type: 'u32[]', length: { of: 'memberCount' } },
  ],
});

/**
 * Hyperedges of given sizes over weighted vertices in groups; `memberCount` is the sum of the sizes, `result` the number
 * of members that came out.
 */
export const degreeCorrectedTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'generateDegreeCorrected',
  name: 'graph.generate-degree-corrected',
  parameters: [
    { name: 'sizes', role: 'in', type: 'u32[]' },
    { name: 'hyperedgeGroups', role: 'in', type: 'u32[]' },
    { name: 'order', role: 'in', type: 'u32[]' },
    { name: 'weights', role: 'in', type: 'f64[]' },
    { name: 'groupStarts', role: 'in', type: 'u32[]' },
    { name: 'affinity', role: 'in', type: 'f64[]' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'memberCount', role: 'in', type: 'u32' },
    { name: 'offsets', role: 'out', type: 'u32[]', length: { of: 'sizes', plus: 1 } },
    { name: 'members', role: 'out', type: 'u32[]', length: { of: 'memberCount' } },
    { name: 'chances', role: 'scratch', type: 'f64[]', length: { of: 'order' } },
    { name: 'aliases', role: 'scratch', type: 'u32[]', length: { of: 'order' } },
    { name: 'stack', role: 'scratch', type: 'u32[]', length: { of: 'order' } },
  ],
  returns: 'u32',
});

/** Hyperedges of given sizes over vertices of given degrees; `result` counts the repeated members that stayed. */
export const configurationTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'generateConfiguration',
  name: 'graph.generate-configuration',
  parameters: [
    { name: 'degrees', role: 'in', type: 'u32[]' },
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'memberCount', role: 'in', type: 'u32' },
    { name: 'members', role: 'out', type: 'u32[]', length: { of: 'memberCount' } },
  ],
  returns: 'u32',
});
