/** Where eigenvector centralities start: evenly on the largest connected component, the only one they speak about. */
import { componentsTask } from '../kernels/tasks.js';
import { groupSizes, largestGroups } from './groups.js';
import { EDGE_SIDE, type KernelRun } from './run-kernel-task.js';

export interface ComponentStart {
  /** 1 / size on the vertices of the component, 0 elsewhere. */
  readonly start: Float64Array;
  /** Vertices of the component. */
  readonly size: number;
  /** One when another component has more than one vertex. */
  readonly warnings: readonly string[];
}

/** Of components of the same size the one with the smallest vertex. */
export async function componentStart(run: KernelRun): Promise<ComponentStart> {
  const { vertexCount } = run.graph;
  const { labels } = await run.call(componentsTask, EDGE_SIDE, { vertexCount });
  return startOn(labels);
}

/** @param labels The component of each vertex. */
export function startOn(labels: Uint32Array): ComponentStart {
  const groups = groupSizes(labels);
  const [label] = largestGroups(groups, 1);
  const size = label === undefined ? 0 : groups.sizes[label]!;
  const start = Float64Array.from(labels, (each) => (each === label ? 1 / size : 0));
  const others = groups.sizes.filter((each) => each > 1).length - 1;
  const warnings =
    others > 0
      ? [
          `The hypergraph is not connected: scores are of the largest component, of ${size} vertices, and 0 for ` +
            `those of ${others} other component${others === 1 ? '' : 's'}.`,
        ]
      : [];
  return { start, size, warnings };
}
