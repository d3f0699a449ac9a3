/** `anant graph partition FILE -o DIR`: divides a hypergraph into parts on disk, which `anant run` opens again. */
import { AnantError } from '@anant/core';
import { type Cut, isOnePassFormat, PartitionedGraph } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { formatNamed, loadGraph, partitionerNamed } from '../../job.js';
import { startProgress } from '../../output/progress.js';
import { formatCount, formatDuration } from '../../output/terminal.js';

export interface PartitionCommandOptions extends CommonOptions {
  readonly output: string;
  readonly partitions: number;
  readonly partitioner: string;
  readonly format?: string;
  /** Hyperedges are read one by one, and the graph is never in memory as a whole. */
  readonly onePass?: true;
}

export async function partitionCommand(
  file: string,
  options: PartitionCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const startMs = performance.now();
  const { output, partitions } = options;
  const parts = options.onePass
    ? await divideInOnePass(file, options, context)
    : await divideInMemory(file, options, context);
  const timeMs = performance.now() - startMs;
  const { vertexCount, hyperedgeCount, incidenceCount, partitioner, cut } = parts;
  if (options.json) {
    const counts = { vertices: vertexCount, hyperedges: hyperedgeCount, incidences: incidenceCount };
    printJson(context, { output, partitions, partitioner, ...counts, cut, timeMs });
    return EXIT.ok;
  }
  for (const line of describeCut(cut, hyperedgeCount)) context.terminal.result(line);
  context.terminal.note(`Done in ${formatDuration(timeMs)}; run it with: anant run pagerank ${output}`);
  return EXIT.ok;
}

async function divideInMemory(
  file: string,
  { output, partitions, partitioner, format, json }: PartitionCommandOptions,
  context: CommandContext,
): Promise<PartitionedGraph> {
  const style = json ? 'none' : 'auto';
  const divided = { partitions, partitioner: partitionerNamed(partitioner) };
  using graph = await loadGraph(file, { format, progress: style }, context);
  const progress = startProgress(context.terminal, `Dividing into ${partitions} parts`, style);
  try {
    const parts = await PartitionedGraph.write(graph, output, divided);
    progress.finish(`${partitions} parts by ${parts.partitioner} in ${output}`);
    return parts;
  } finally {
    progress.stop();
  }
}

async function divideInOnePass(
  file: string,
  { output, partitions, partitioner, format, json }: PartitionCommandOptions,
  context: CommandContext,
): Promise<PartitionedGraph> {
  const name = partitionerNamed(partitioner);
  if (name === 'multilevel') {
    throw new AnantError(
      'E_INPUT_INVALID',
      'The partitioner "multilevel" needs the whole graph: --one-pass has none.',
      {
        advice: 'Choose stream or hash, or leave --one-pass out.',
      },
    );
  }
  const known = format === undefined ? undefined : formatNamed(format);
  if (!(await isOnePassFormat(file, known, context.signal))) {
    throw new AnantError('E_INPUT_INVALID', `One pass cannot divide "${file}": it is of another format.`, {
      advice:
        'It divides lists of hyperedges with integer members (--format hyperedges) and .anant files. ' +
        'Make one of those: anant graph import.',
    });
  }
  const progress = startProgress(context.terminal, `Dividing ${file}`, json ? 'none' : 'auto');
  try {
    const parts = await PartitionedGraph.divide(file, output, {
      ...{ partitions, partitioner: name, signal: context.signal },
      onProgress: ({ bytesRead, bytesTotal }) => progress.update(bytesRead, bytesTotal),
    });
    progress.finish(`${partitions} parts by ${name} in ${output}`);
    return parts;
  } finally {
    progress.stop();
  }
}

function describeCut(cut: Cut, hyperedgeCount: number): readonly string[] {
  const share = hyperedgeCount === 0 ? 0 : (100 * cut.hyperedges) / hyperedgeCount;
  return [
    `cut: ${formatCount(cut.hyperedges)} hyperedges (${share.toFixed(1)} %), connectivity less one ${formatCount(cut.connectivity)}`,
    `balance: the largest part has ${(100 * cut.imbalance).toFixed(1)} % more vertices than an equal share`,
    `boundary: ${formatCount(cut.boundary)} values that others own; the largest part has ${formatCount(cut.incidencesMax)} incidences of both sides`,
  ];
}
