/** `anant graph slice FILE`: the hyperedges of a stretch of time as a file, or how many there are in each window. */
import { AnantError } from '@anant/core';
import type { Hypergraph, TimeSliceOptions } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { countsOf as countsText, loadGraph, writeGraph } from '../../job.js';
import { renderTable } from '../../output/table.js';

export interface SliceCommandOptions extends CommonOptions {
  readonly output?: string;
  readonly from?: number;
  readonly to?: number;
  readonly window?: number;
  readonly step?: number;
  readonly property: string;
  readonly format?: string;
}

export async function sliceCommand(
  file: string,
  options: SliceCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, window } = options;
  if ((output === undefined) === (window === undefined)) {
    throw new AnantError('E_INPUT_INVALID', 'Give either --output or --window.', {
      advice: 'For example: anant graph slice FILE --from 10 --to 20 -o OUT.anant',
    });
  }
  const progress = options.json ? 'none' : 'auto';
  using graph = await loadGraph(file, { format: options.format, properties: 'keep', progress }, context);
  const { property, from, to } = options;
  const slice = { property, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  if (output !== undefined) await write(graph, slice, output, options, context);
  else showWindows(graph, { ...slice, length: window!, step: options.step ?? window! }, options, context);
  return EXIT.ok;
}

async function write(
  whole: Hypergraph,
  slice: TimeSliceOptions,
  output: string,
  { json }: SliceCommandOptions,
  context: CommandContext,
): Promise<void> {
  using graph = whole.timeSlice({ ...slice, vertices: 'members' });
  await writeGraph(graph, output, context);
  if (json) printJson(context, { output, ...countsOf(graph) });
  else context.terminal.note(`${output}: ${countsText(graph)}`);
}

function showWindows(
  whole: Hypergraph,
  wanted: TimeSliceOptions & { readonly length: number; readonly step: number },
  { json }: SliceCommandOptions,
  context: CommandContext,
): void {
  const windows = [];
  for (const { from, to, graph } of whole.timeWindows({ ...wanted, vertices: 'members' })) {
    windows.push({ from, to, ...countsOf(graph) });
    graph[Symbol.dispose]();
  }
  if (json) {
    printJson(context, { windows });
    return;
  }
  const columns = ['from', 'to', 'vertices', 'hyperedges', 'incidences'] as const;
  const rows = windows.map((window) => columns.map((column) => window[column]));
  const [header = '', ...lines] = renderTable(columns, rows, context.terminal.width);
  context.terminal.result(context.terminal.style('bold', header));
  for (const line of lines) context.terminal.result(line);
}

const countsOf = ({ vertexCount, hyperedgeCount, incidenceCount }: Hypergraph) => ({
  vertices: vertexCount,
  hyperedges: hyperedgeCount,
  incidences: incidenceCount,
});
