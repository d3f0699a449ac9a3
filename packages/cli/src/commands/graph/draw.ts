/** `anant graph draw FILE --around ID --hops K --svg OUT`: a picture of a small hypergraph or a neighborhood. */
import { AnantError } from '@anant/core';
import { type DrawingStyle, drawHypergraph, findVertexNamed, type Hypergraph, writeText } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { loadGraph } from '../../job.js';

export interface DrawCommandOptions extends CommonOptions {
  readonly svg: string;
  readonly around?: string;
  readonly hops: number;
  readonly style?: DrawingStyle;
  readonly verticesMax: number;
  readonly seed: number;
  readonly format?: string;
}

export async function drawCommand(
  file: string,
  options: DrawCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { hops, style, verticesMax, seed, svg } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AnantError('E_INPUT_INVALID', '--seed must be a whole number from 0.');
  }
  const progress = options.json ? 'none' : 'auto';
  const graph = await loadGraph(file, { format: options.format, properties: 'keep', progress }, context);
  const around = options.around === undefined ? undefined : vertexNamed(graph, options.around);
  const picture = drawHypergraph(graph, {
    ...(around !== undefined && { around }),
    ...(style && { style }),
    hops,
    verticesMax,
    seed,
  });
  await writeText(svg, picture);
  if (options.json) printJson(context, { svg, bytes: Buffer.byteLength(picture) });
  else context.terminal.note(`Picture: ${svg}`);
  return EXIT.ok;
}

function vertexNamed(graph: Hypergraph, name: string): number {
  const vertex = findVertexNamed(graph, name);
  if (vertex >= 0) return vertex;
  throw new AnantError('E_INPUT_INVALID', `The graph has no vertex with the id or label "${name}".`, {
    advice: 'Name one that exists; "anant run degrees FILE" shows some.',
  });
}
