/**
 * Every registered algorithm as a method of graphs: its name, parameters and values come from the registry, so a new
 * algorithm appears here by its line there.
 */
import type { Algorithm } from '../algorithms/algorithm.js';
import { type AlgorithmName, algorithms } from '../algorithms/registry.js';
import type { AlgorithmResult, ResultValues, ResultWithGraph } from '../algorithms/result.js';
import type { GraphClient, RunOptions } from '../algorithms/run-kernel-task.js';
import type { Hypergraph as FullHypergraph } from '../graph.js';
import type { Hypergraph } from '../hypergraph.js';
import { type MethodName, methodName } from './method-name.js';

/** Names for people, by the indexes that result arrays have. */
export interface ResultLabels {
  /** Label of a vertex, or its id. @throws RangeError */
  vertex(index: number): string;
  /** Id of a hyperedge. @throws RangeError */
  hyperedge(index: number): string;
}

/** What a method gives: typed arrays in `values`, and the labels that go with their indexes. */
export interface GraphResult<Values extends ResultValues = ResultValues> extends AlgorithmResult<Values> {
  readonly labels: ResultLabels;
}

type MethodOf<Defined> =
  Defined extends Algorithm<infer Parameters, infer Values, infer Result>
    ? (parameters?: Parameters, options?: RunOptions) => Promise<MethodResult<Values, Result>>
    : never;

/** A result that is a hypergraph builds one that has methods too. */
type MethodResult<Values extends ResultValues, Result> =
  Result extends ResultWithGraph<Values>
    ? Omit<GraphResult<Values>, 'graph'> & { readonly graph: () => FullHypergraph }
    : GraphResult<Values>;

export type GraphMethods = {
  readonly [Name in AlgorithmName as MethodName<Name>]: MethodOf<(typeof algorithms)[Name]>;
};

type ClientOf = (graph: Hypergraph) => Promise<GraphClient>;

/** Methods that run on what `clientOf` gives, with `defaults` under the options of each call. */
export function methodsOf(graph: Hypergraph, clientOf: ClientOf, defaults: RunOptions): GraphMethods {
  const methods: Record<string, unknown> = {};
  for (const algorithm of Object.values(algorithms) as readonly Algorithm[]) {
    methods[methodName(algorithm.name)] = (parameters: Record<string, unknown>, options?: RunOptions) =>
      runMethod(graph, algorithm, clientOf, parameters, { ...defaults, ...options });
  }
  return methods as GraphMethods;
}

/** Puts a method per algorithm on a prototype. @throws Error when a name is taken: a method must not hide another. */
export function installMethods(prototype: Hypergraph, clientOf: ClientOf): void {
  for (const algorithm of Object.values(algorithms) as readonly Algorithm[]) {
    const name = methodName(algorithm.name);
    if (name in prototype) throw new Error(`The algorithm "${algorithm.name}" has the name of a member.`);
    Object.defineProperty(prototype, name, {
      value(this: Hypergraph, parameters?: Record<string, unknown>, options?: RunOptions) {
        return runMethod(this, algorithm, clientOf, parameters, options);
      },
    });
  }
}

async function runMethod(
  graph: Hypergraph,
  algorithm: Algorithm,
  clientOf: ClientOf,
  parameters: Record<string, unknown> | undefined,
  options: RunOptions | undefined,
): Promise<GraphResult> {
  const result = await algorithm.run(await clientOf(graph), graph, parameters, options);
  const labels: ResultLabels = {
    vertex: (index) => graph.labelOf(index),
    hyperedge: (index) => String(graph.hyperedges.externalOf(index)),
  };
  return { ...result, labels };
}
