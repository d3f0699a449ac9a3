/** `anant graph stats FILE`: counts, degree and size distributions, as text, JSON or a picture. */
import {
  binsOf,
  type Distribution,
  distributionOf,
  drawDistributions,
  type Hypergraph,
  writeText,
} from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { loadGraph } from '../../job.js';
import { renderBars } from '../../output/bars.js';
import { formatBytes, formatCount, type Terminal } from '../../output/terminal.js';

export interface StatsCommandOptions extends CommonOptions {
  readonly format?: string;
  readonly svg?: string;
}

export async function statsCommand(
  file: string,
  options: StatsCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const progress = options.json ? 'none' : 'auto';
  const graph = await loadGraph(file, { format: options.format, properties: 'keep', progress }, context);
  const [degree, size] = [distributionOf(graph, 'degree'), distributionOf(graph, 'size')];
  if (options.svg !== undefined) await writeText(options.svg, drawDistributions(graph));
  if (options.json) printJson(context, describe(graph, degree, size));
  else show(graph, degree, size, context.terminal);
  if (options.svg !== undefined && !options.json) context.terminal.note(`Picture: ${options.svg}`);
  return EXIT.ok;
}

function describe(graph: Hypergraph, degree: Distribution, size: Distribution) {
  const { vertexCount, hyperedgeCount, incidenceCount, kind, source, properties } = graph;
  return {
    input: { files: source.paths, format: source.format, warnings: source.warnings },
    vertices: vertexCount,
    hyperedges: hyperedgeCount,
    incidences: incidenceCount,
    kind,
    properties: Object.fromEntries(
      Object.entries(properties).map(([of, columns]) => [of, Object.keys(columns)]),
    ),
    degree: summaryOf(degree),
    size: summaryOf(size),
    bytes: graph.bytes(),
  };
}

/** `distribution` has a pair for each value that occurs: the value and how often. */
function summaryOf({ least, largest, median, mean, values, counts }: Distribution) {
  const distribution = Array.from(values, (value, index) => [value, counts[index]!]);
  return { least, largest, median, mean, distribution };
}

function show(graph: Hypergraph, degree: Distribution, size: Distribution, terminal: Terminal): void {
  const { result, style } = terminal;
  result('');
  result(`vertices: ${formatCount(graph.vertexCount)}`);
  result(`hyperedges: ${formatCount(graph.hyperedgeCount)}`);
  result(`incidences: ${formatCount(graph.incidenceCount)}`);
  result(`kind: ${graph.kind}`);
  const columns = Object.entries(graph.properties).flatMap(([of, parts]) =>
    Object.keys(parts).map((name) => `${name} of ${of}`),
  );
  if (columns.length > 0) result(`properties: ${columns.join(', ')}`);
  const { total } = graph.bytes();
  result(`memory: ${formatBytes(total)}`);
  for (const [distribution, title] of [
    [degree, 'degrees of vertices'],
    [size, 'sizes of hyperedges'],
  ] as const) {
    const { mean, median, largest } = distribution;
    result('');
    const facts = `mean ${Number(mean.toPrecision(4))}, median ${median}, largest ${formatCount(largest)}`;
    result(`${style('bold', title)}  ${style('dim', facts)}`);
    for (const line of renderBars(binsOf(distribution))) result(line);
  }
  result('');
}
