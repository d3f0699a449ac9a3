/**
 * A hypergraph that no longer changes: compressed incidence both ways, in flat arrays of one kernel memory, so that
 * kernels run on it without a copy. Vertices and hyperedges are dense integers from 0; ids of the outside world are
 * in `vertices` and `hyperedges`. Vertices without hyperedges, multi-edges and empty hyperedges are kept.
 */
import { AnantError, type KernelMemory } from '@anant/core';
import { type BuildOptions, buildParts } from './build-parts.js';
import { type OpenOptions, openParts } from './container/open-graph.js';
import { saveParts } from './container/save-graph.js';
import { type LoadOptions, loadParts } from './formats/load.js';
import type { ExternalId, IdTable } from './ids/id-table.js';
import type { GraphKind, GraphLabels, GraphParts, GraphSource } from './store/graph-parts.js';
import { type Incidence, listOf } from './store/incidence.js';
import { type MemberRange, memberRangeOf } from './store/member-range.js';
import { mostOtherMembers } from './store/other-members.js';
import { type GraphProperties, propertyBytes } from './store/properties.js';
import { type SelectOptions, selectParts } from './store/select.js';

/** Resident bytes, by what they hold. */
export interface GraphBytes {
  /** Both directions of the incidence. */
  readonly incidence: number;
  readonly ids: number;
  readonly labels: number;
  readonly properties: number;
  readonly total: number;
}

/** How many hypergraphs use the same arrays; the last one disposed of gives them back. */
export interface GraphShare {
  uses: number;
}

/** The class that makes a graph: this one, or one that adds to it. */
type GraphClass<Graph> = new (parts: GraphParts, share?: GraphShare) => Graph;

export class Hypergraph implements Disposable {
  readonly vertexCount: number;
  readonly hyperedgeCount: number;
  readonly incidenceCount: number;
  readonly vertices: IdTable;
  readonly hyperedges: IdTable;
  readonly kind: GraphKind;
  readonly properties: GraphProperties;
  readonly source: GraphSource;
  readonly memory: KernelMemory;
  readonly #labels: GraphLabels;
  readonly #share: GraphShare;
  readonly #edgeToNodes: Incidence;
  readonly #nodeToEdges: Incidence;
  readonly #disposers: (() => void)[] = [];
  #isDisposed = false;

  constructor(parts: GraphParts, share: GraphShare = { uses: 0 }) {
    this.#edgeToNodes = parts.edgeToNodes;
    this.#nodeToEdges = parts.nodeToEdges;
    this.vertices = parts.vertices;
    this.hyperedges = parts.hyperedges;
    this.vertexCount = parts.nodeToEdges.offsets.length - 1;
    this.hyperedgeCount = parts.edgeToNodes.offsets.length - 1;
    this.incidenceCount = parts.edgeToNodes.members.length;
    this.kind = parts.kind;
    this.properties = parts.properties;
    this.source = parts.source;
    this.memory = parts.memory;
    this.#labels = parts.labels;
    this.#share = share;
    share.uses += 1;
  }

  /**
   * Reads a hypergraph from a file, or from a folder that holds simplex triples.
   * @throws AnantError `E_FILE_NOT_FOUND`, `E_FILE_FORMAT` (with file, line and reason), `E_OUT_OF_MEMORY`,
   * `E_CANCELLED`
   */
  static async load<Graph extends Hypergraph>(
    this: GraphClass<Graph>,
    path: string,
    options: LoadOptions = {},
  ): Promise<Graph> {
    return new this(await loadParts(path, options));
  }

  /**
   * Opens an `.anant` file (docs/anant-format.md): its arrays are read straight into the memory of the graph.
   * @throws AnantError `E_FILE_NOT_FOUND`, `E_FILE_FORMAT` (another version, truncated, damaged, no such file),
   * `E_OUT_OF_MEMORY`, `E_CANCELLED`
   */
  static async open<Graph extends Hypergraph>(
    this: GraphClass<Graph>,
    path: string,
    options: OpenOptions = {},
  ): Promise<Graph> {
    return new this(await openParts(path, options));
  }

  /**
   * Builds a hypergraph from lists of members. Integer ids come out in rising order, text ids in order of appearance.
   * @throws AnantError `E_GRAPH_INVALID` when an id is neither a string nor a safe integer.
   */
  static from<Graph extends Hypergraph>(
    this: GraphClass<Graph>,
    hyperedges: Iterable<Iterable<ExternalId>>,
    options: BuildOptions = {},
  ): Graph {
    return new this(buildParts(hyperedges, options));
  }

  /** The members of every hyperedge. @throws AnantError `E_GRAPH_INVALID` once disposed of */
  get edgeToNodes(): Incidence {
    if (this.#isDisposed) throw disposed();
    return this.#edgeToNodes;
  }

  /** The hyperedges of every vertex. @throws AnantError `E_GRAPH_INVALID` once disposed of */
  get nodeToEdges(): Incidence {
    if (this.#isDisposed) throw disposed();
    return this.#nodeToEdges;
  }

  /** Number of hyperedges that hold a vertex; a hyperedge that lists it twice counts twice. @throws RangeError */
  degreeOf(vertex: number): number {
    return this.hyperedgesOf(vertex).length;
  }

  /** Number of members of a hyperedge. @throws RangeError */
  sizeOf(hyperedge: number): number {
    return this.membersOf(hyperedge).length;
  }

  /** Fewest and most different members of a hyperedge, and which has them; undefined without hyperedges. */
  memberRange(): MemberRange {
    return memberRangeOf(this.edgeToNodes, this.vertexCount);
  }

  /** Most other members over all hyperedges of a vertex, each as often as they share one; at least 1. */
  mostOtherMembers(): number {
    const { offsets } = this.edgeToNodes;
    return mostOtherMembers(this.nodeToEdges, (hyperedge) => offsets[hyperedge + 1]! - offsets[hyperedge]!);
  }

  /** The vertices of a hyperedge in the order given, as a view. @throws RangeError */
  membersOf(hyperedge: number): Uint32Array {
    return listOf(this.edgeToNodes, hyperedge);
  }

  /** The hyperedges of a vertex in rising order, as a view. @throws RangeError */
  hyperedgesOf(vertex: number): Uint32Array {
    return listOf(this.nodeToEdges, vertex);
  }

  /** The name of a vertex for people: its label where the file has one, its id otherwise. @throws RangeError */
  labelOf(vertex: number): string {
    const id = String(this.vertices.externalOf(vertex));
    return this.#labels.vertices?.externalOf(vertex).toString() || id;
  }

  /** The first vertex with this label, or -1. */
  vertexLabelled(label: string): number {
    return this.#labels.vertices?.indexOf(label) ?? -1;
  }

  /** Calls `callback` when this hypergraph is disposed of. */
  onDispose(callback: () => void): void {
    this.#disposers.push(callback);
  }

  /** A hypergraph of the same class from other parts. */
  derive(parts: GraphParts): this {
    return new (this.constructor as GraphClass<this>)(parts);
  }

  /**
   * A hypergraph of some of the vertices and hyperedges, by index, with their ids, labels and properties; in a memory of
   * its own. @throws AnantError `E_GRAPH_INVALID` for an index that there is not.
   */
  subHypergraph(options: SelectOptions): this {
    return this.derive(selectParts(this.parts(), options));
  }

  /** The same incidence with the roles of vertices and hyperedges exchanged. Shares all arrays. */
  dual(): this {
    const { incidences, ...properties } = this.properties;
    return new (this.constructor as GraphClass<this>)(
      {
        memory: this.memory,
        edgeToNodes: this.nodeToEdges,
        nodeToEdges: this.edgeToNodes,
        vertices: this.hyperedges,
        hyperedges: this.vertices,
        labels: { vertices: this.#labels.hyperedges, hyperedges: this.#labels.vertices },
        kind: 'undirected',
        // Incidence columns follow the order of `edgeToNodes`, which the dual does not keep.
        properties: { vertices: properties.hyperedges, hyperedges: properties.vertices, incidences: {} },
        source: this.source,
      },
      this.#share,
    );
  }

  /**
   * Saves structure, ids, labels and properties as an `.anant` file, as a whole or not at all.
   * @throws AnantError `E_FILE_WRITE`
   */
  async save(path: string): Promise<void> {
    await saveParts(this.parts(), path);
  }

  /** What it is made of; shares all arrays. */
  parts(): GraphParts {
    const { memory, edgeToNodes, nodeToEdges, vertices, hyperedges, kind, properties, source } = this;
    const labels = this.#labels;
    return { memory, edgeToNodes, nodeToEdges, vertices, hyperedges, labels, kind, properties, source };
  }

  bytes(): GraphBytes {
    const incidence = [this.edgeToNodes, this.nodeToEdges]
      .flatMap(({ offsets, members }) => [offsets, members])
      .reduce((sum, array) => sum + array.byteLength, 0);
    const ids = this.vertices.bytes + this.hyperedges.bytes;
    const labels = (this.#labels.vertices?.bytes ?? 0) + (this.#labels.hyperedges?.bytes ?? 0);
    const properties = propertyBytes(this.properties);
    return { incidence, ids, labels, properties, total: incidence + ids + labels + properties };
  }

  /** Gives the arrays back to the memory once no dual uses them. No view of them may be used afterwards, and the graph refuses to be. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const callback of this.#disposers) callback();
    this.#share.uses -= 1;
    if (this.#share.uses > 0) return;
    for (const { offsets, members } of [this.#edgeToNodes, this.#nodeToEdges]) {
      this.memory.free(offsets);
      this.memory.free(members);
    }
  }
}

const disposed = (): AnantError =>
  new AnantError('E_GRAPH_INVALID', 'This hypergraph was disposed of: its arrays belong to others by now.', {
    advice: 'Dispose of it after its last use, that of its matrices included.',
  });
