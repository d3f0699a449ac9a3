/** `anant graph generate MODEL -o OUT`: a random hypergraph, the same for the same seed on every backend. */
import { AnantError, type Client, connect } from '@anant/core';
import { nearest, toConnectOptions } from '@anant/core/config';
import {
  chungLuHypergraph,
  configurationHypergraph,
  dcsbmHypergraph,
  type GraphClient,
  type Hypergraph,
  type SequenceOptions,
  uniformHypergraph,
} from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { countsOf, loadGraph, writeGraph } from '../../job.js';
import { loadSettings, noteCluster } from '../../settings.js';

export interface GenerateCommandOptions extends CommonOptions {
  readonly output: string;
  readonly seed: number;
  readonly vertices?: number;
  readonly size?: number;
  readonly hyperedges?: number;
  readonly probability?: number;
  readonly like?: string;
  readonly scale: number;
  readonly groups: number;
  readonly mixing: number;
  readonly backend?: string;
}

type Generate = (
  client: GraphClient,
  options: GenerateCommandOptions,
  context: CommandContext,
) => Promise<Hypergraph>;

const MODELS: Readonly<Record<string, Generate>> = {
  uniform: (client, { vertices, size, hyperedges, probability, seed }) =>
    uniformHypergraph(client, {
      vertices: required('vertices', vertices),
      size: required('size', size),
      seed,
      ...(hyperedges !== undefined && { hyperedges }),
      ...(probability !== undefined && { probability }),
    }),
  'chung-lu': async (client, options, context) =>
    chungLuHypergraph(client, await sequencesOf(options, context)),
  configuration: async (client, options, context) => {
    const sequences = await sequencesOf(options, context);
    const { graph, repeatedMembers } = await configurationHypergraph(client, sequences);
    if (repeatedMembers > 0)
      context.terminal.note(`${repeatedMembers} members are in their hyperedge twice.`);
    return graph;
  },
  dcsbm: async (client, options, context) => {
    const sequences = await sequencesOf(options, context);
    const { groups, mixing } = options;
    if (!(mixing >= 0 && mixing <= 1)) {
      throw new AnantError('E_INPUT_INVALID', `--mixing must be a number from 0 to 1, not ${mixing}.`);
    }
    const groupOf = (_: unknown, index: number) => index % groups;
    const elsewhere = groups > 1 ? mixing / (groups - 1) : 0;
    return dcsbmHypergraph(client, {
      ...sequences,
      vertexGroups: Array.from(sequences.degrees, groupOf),
      hyperedgeGroups: Array.from(sequences.sizes, groupOf),
      affinity: Array.from({ length: groups }, (_row, g) =>
        Array.from({ length: groups }, (_column, h) => (g === h ? 1 - (groups > 1 ? mixing : 0) : elsewhere)),
      ),
    });
  },
};

export async function generateCommand(
  model: string,
  options: GenerateCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const startMs = performance.now();
  const generate = Object.hasOwn(MODELS, model) ? MODELS[model] : undefined;
  if (!generate) throw unknownModel(model);
  const settings = await loadSettings(options.config, options.backend ? [options.backend] : []);
  const { config } = settings;
  if (!options.json) noteCluster(settings, context.terminal);
  await using client: Client = connect(await toConnectOptions(config));
  const { backend } = options;
  const on = backend === undefined ? client : pinned(client, backend);
  using graph = await generate(on, options, context);
  await writeGraph(graph, options.output, context);
  const { vertexCount, hyperedgeCount, incidenceCount } = graph;
  if (options.json) {
    printJson(context, {
      model,
      seed: options.seed,
      output: options.output,
      vertices: vertexCount,
      hyperedges: hyperedgeCount,
      incidences: incidenceCount,
      timeMs: performance.now() - startMs,
    });
  } else context.terminal.note(`${options.output}: ${countsOf(graph)}, made by ${model}`);
  return EXIT.ok;
}

/** Every task of a generator on one backend. */
function pinned(client: Client, backend: string): GraphClient {
  return {
    submit: ((definition: never, input: never, options?: object) =>
      client.submit(definition, input, { ...options, backend })) as Client['submit'],
    put: client.put.bind(client) as Client['put'],
    explain: client.explain.bind(client),
    actor: client.actor.bind(client),
  };
}

/** Degrees and sizes of the graph that `--like` names, `--scale` times over. */
async function sequencesOf(
  { like, scale, seed }: GenerateCommandOptions,
  context: CommandContext,
): Promise<SequenceOptions> {
  const file = required('like', like);
  using graph = await loadGraph(file, { format: undefined, progress: 'none' }, context);
  const lengths = (offsets: Uint32Array): Uint32Array => {
    const once = offsets.subarray(1).map((end, index) => end - offsets[index]!);
    const all = new Uint32Array(once.length * scale);
    for (let copy = 0; copy < scale; copy++) all.set(once, copy * once.length);
    return all;
  };
  return { degrees: lengths(graph.nodeToEdges.offsets), sizes: lengths(graph.edgeToNodes.offsets), seed };
}

function required<Value>(name: string, value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new AnantError('E_INPUT_INVALID', `This model needs --${name}.`, {
    advice: 'The models and their options are in docs/graph-generate.md.',
  });
}

function unknownModel(model: string): AnantError {
  const known = Object.keys(MODELS);
  const close = nearest(model, known);
  return new AnantError('E_INPUT_INVALID', `There is no model "${model}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${known.join(', ')}.`,
  });
}
