/** The rank plot of a result as a file. */
import { type AlgorithmResult, drawRanks, writeText } from '@anant/graph';
import type { JobGraph } from '../job.js';

/** Draws the first array of the result; names of vertices go with arrays that have one element per vertex. */
export async function writeRankPlot(path: string, result: AlgorithmResult, graph: JobGraph): Promise<void> {
  const [name, values] = Object.entries(result.values)[0]!;
  const nameOf =
    values.length === graph.vertexCount
      ? (index: number) => graph.labelOf(index)
      : (index: number) => String(index);
  await writeText(path, drawRanks(values, { title: result.algorithm, y: name, nameOf }));
}
