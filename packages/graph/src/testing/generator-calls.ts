/** For tests: calls of the generators, to compare hosts with. */
import * as tasks from '../kernels/generator-tasks.js';
import { type KernelCall, kernelCall } from './two-engines.js';

export function generatorCalls(): KernelCall[] {
  const degrees = Uint32Array.from({ length: 396 }, (_, vertex) => 1 + (vertex % 9));
  const memberCount = degrees.reduce((sum, degree) => sum + degree, 0);
  const sizes = new Uint32Array(memberCount / 4).fill(4);
  const offsets = Uint32Array.from({ length: sizes.length + 1 }, (_, hyperedge) => 4 * hyperedge);
  const sets = { vertexCount: 200, size: 3, seed: 9, memberCount: 3_000 };
  return [
    kernelCall(tasks.uniformTask, { ...sets, hyperedgeCount: 1_000 }),
    kernelCall(tasks.binomialCountTask, { setCount: 1e9, probability: 1e-5, seed: 9 }),
    kernelCall(tasks.binomialTask, { ...sets, probability: 1e-4 }),
    kernelCall(tasks.configurationTask, { degrees, offsets, seed: 9, memberCount: 4 * sizes.length }),
    kernelCall(tasks.degreeCorrectedTask, {
      sizes,
      hyperedgeGroups: sizes.map((_, hyperedge) => hyperedge % 2),
      order: Uint32Array.from(degrees.keys()),
      weights: Float64Array.from(degrees),
      groupStarts: Uint32Array.of(0, 150, 396),
      affinity: Float64Array.of(0.7, 0.1, 0.3, 0.9),
      seed: 9,
      memberCount: 4 * sizes.length,
    }),
  ];
}
