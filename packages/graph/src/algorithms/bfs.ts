import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';
import { bfsTask } from '../kernels/tasks.js';
import { bfsTeam, searchBitsLength } from '../kernels/team-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import type { ResultTable } from './result.js';
import { BOTH_SIDES } from './run-kernel-task.js';
import { SOURCE } from './sources.js';

export interface BfsParameters {
  /** Id or label of the vertex to start from. @default the vertex of highest degree, the smallest of several */
  readonly source?: ExternalId;
}

/**
 * Breadth-first search from one vertex: `values.levels[v]` is the number of hyperedge hops to v, -1 when there is no
 * way. Beamer, Asanovic and Patterson, "Direction-optimizing breadth-first search" (SC 2012), on hyperedges.
 */
export const bfs = defineAlgorithm<BfsParameters, { readonly levels: Int32Array }>({
  name: 'bfs',
  description: 'Distances of all vertices from one, in hyperedge hops.',
  parameters: { source: SOURCE },
  async compute(run, { source }) {
    const { graph } = run;
    const bitsLength = searchBitsLength(graph.vertexCount, run.threads);
    const { levels, result } = await run.callTeam(bfsTeam, BOTH_SIDES, { source, bitsLength }, () =>
      run.call(bfsTask, BOTH_SIDES, { source }),
    );
    const counts = levelCounts(levels);
    return {
      values: { levels },
      summary: [
        { name: 'source', value: graph.labelOf(source) },
        { name: 'vertices reached', value: `${result} (${percent(result, graph.vertexCount)})` },
        { name: 'levels', value: counts.length - 1 },
      ],
      table: (count) => levelTable(graph, levels, counts, count),
    };
  },
});

function levelCounts(levels: Int32Array): number[] {
  const counts: number[] = [];
  for (const level of levels) {
    if (level >= 0) counts[level] = (counts[level] ?? 0) + 1;
  }
  return counts;
}

const EXAMPLES = 5;

function levelTable(
  graph: Hypergraph,
  levels: Int32Array,
  counts: readonly number[],
  count: number,
): ResultTable {
  const shown = counts.slice(0, count);
  const examples = shown.map((): string[] => []);
  for (let vertex = 0; vertex < levels.length; vertex++) {
    const found = examples[levels[vertex]!];
    if (found && found.length < EXAMPLES) found.push(graph.labelOf(vertex));
  }
  return {
    columns: ['level', 'vertices', 'examples'],
    rows: shown.map((vertices, level) => [level, vertices, examples[level]!.join(', ')]),
  };
}
