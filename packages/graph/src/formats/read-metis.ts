/** METIS graphs: a line `vertices edges [format [weights]]`, then for each vertex the vertices it is joined with. */
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import { type GraphProperties, NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import { Fields } from './fields.js';
import { fileFormatError, LineFault } from './file-error.js';
import { INDEXES_MAX, integerField } from './integer-field.js';
import { parseNumber } from './parse-number.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { readRows } from './rows.js';
import { IntegerTokens } from './tokens.js';

interface Header {
  readonly vertexCount: number;
  readonly edgeCount: number;
  /** Numbers before the neighbours of a vertex: its size and its weights, by the names of their properties. */
  readonly columns: readonly string[];
  readonly hasEdgeWeights: boolean;
}

/** Most weights of a vertex. */
const WEIGHTS_MAX = 64;

/** Vertices are numbered from 1, a line each, blank where one has no edge. Lines that start with `%` are comments. */
export async function readMetis(path: string, options: ReadOptions): Promise<GraphDraft> {
  const reader = new MetisReader();
  const report = await readRows(
    await openBytes(path, options),
    {
      ...options,
      fields: new Fields('space', 'found'),
      header: 'none',
      commentBytes: [37],
      // A line left out would shift every line after it.
      badLines: 'refuse',
    },
    reader,
  );
  reportRows(path, report);
  const fault = reader.whyIncomplete();
  if (fault !== undefined) throw fileFormatError({ path }, fault);
  return {
    vertices: reader.tokens.finish(),
    members: reader.members,
    grouping: { sizes: reader.sizes },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    ...(options.properties === 'keep' && { properties: reader.properties() }),
    source: { format: 'metis', paths: [path], warnings: [] },
  };
}

class MetisReader {
  readonly tokens = new IntegerTokens();
  readonly members = new U32Column();
  readonly sizes = new U32Column();
  readonly #edgeWeights = new F64Column();
  #vertexColumns: readonly F64Column[] = [];
  #header: Header | undefined;
  #vertex = 0;
  /** Edges listed at their second end; with those of the first end, sums of hashes that must agree. */
  #seconds = 0;
  #firstHash = 0;
  #secondHash = 0;
  /** Blank lines are told of at the end. */
  #blankFault: string | undefined;
  #keep = () => {};

  read(fields: Fields): void {
    const header = this.#header;
    if (header === undefined) this.#keep = this.#readHeader(fields);
    else if (this.#vertex < header.vertexCount) this.#keep = this.#readVertex(fields, header);
    else throw new LineFault(`the header announces ${header.vertexCount} vertices, but here is another line`);
  }

  keep(): void {
    this.#keep();
  }

  blank(): void {
    const header = this.#header;
    if (header === undefined || this.#vertex >= header.vertexCount) return;
    if (header.columns.length > 0) {
      this.#blankFault ??= `the vertex ${this.#vertex + 1} has no ${header.columns[0]}`;
    }
    this.#vertex += 1;
  }

  whyIncomplete(): string | undefined {
    const header = this.#header;
    if (header === undefined) return 'there is no line with the numbers of vertices and edges';
    if (this.#blankFault !== undefined) return this.#blankFault;
    const { vertexCount, edgeCount } = header;
    if (this.#vertex < vertexCount) {
      return `the header announces ${vertexCount} vertices, but the file has ${this.#vertex}`;
    }
    const entries = this.sizes.length + this.#seconds;
    if (entries !== 2 * edgeCount) {
      return `the header announces ${edgeCount} edges, which are listed twice, but the file lists ${entries}`;
    }
    if (this.#firstHash !== this.#secondHash) {
      return 'an edge is listed at one of its ends only, or with another weight';
    }
    return undefined;
  }

  properties(): GraphProperties {
    const { columns, hasEdgeWeights } = this.#header!;
    const values = columns.map((name, at) => [name, { values: this.#vertexColumns[at]!.toArray() }]);
    return {
      ...NO_PROPERTIES,
      vertices: Object.fromEntries(values),
      hyperedges: hasEdgeWeights ? { weight: { values: this.#edgeWeights.toArray() } } : {},
    };
  }

  #readHeader(fields: Fields): () => void {
    if (fields.count < 2 || fields.count > 4) {
      throw new LineFault('the first line must be: vertices edges [format [weights]]');
    }
    const [vertexCount, edgeCount] = [integerField(fields, 0), integerField(fields, 1)];
    if (vertexCount > INDEXES_MAX || edgeCount > INDEXES_MAX) {
      throw new LineFault(`a graph in one memory has at most ${INDEXES_MAX} vertices, or edges`);
    }
    const format = fields.count > 2 ? fields.text(2) : '0';
    if (!/^[01]{1,3}$/.test(format))
      throw new LineFault(`the format must be up to three of 0 and 1, not "${format}"`);
    const [hasSizes, hasWeights, hasEdgeWeights] = [...format.padStart(3, '0')].map((digit) => digit === '1');
    const weightCount = fields.count > 3 ? integerField(fields, 3) : hasWeights ? 1 : 0;
    if (weightCount > WEIGHTS_MAX || weightCount > 0 !== hasWeights) {
      throw new LineFault(
        `the format "${format}" does not go with ${weightCount} weights of each vertex (at most ${WEIGHTS_MAX})`,
      );
    }
    const weights = Array.from({ length: weightCount }, (_, at) => (at === 0 ? 'weight' : `weight${at + 1}`));
    const columns = [...(hasSizes ? ['size'] : []), ...weights];
    return () => {
      this.#header = { vertexCount, edgeCount, columns, hasEdgeWeights: hasEdgeWeights === true };
      this.#vertexColumns = columns.map(() => new F64Column());
      for (let id = 1; id <= vertexCount; id++) this.tokens.interner.intern(id);
    };
  }

  #readVertex(fields: Fields, header: Header): () => void {
    const { columns, hasEdgeWeights, vertexCount } = header;
    const vertex = this.#vertex + 1;
    if (fields.count < columns.length)
      throw new LineFault(`the vertex ${vertex} has no ${columns[fields.count]}`);
    const numbers = columns.map((name, at) => parseNumber(fields, at, name));
    const step = hasEdgeWeights ? 2 : 1;
    const count = (fields.count - columns.length) / step;
    if (!Number.isInteger(count)) throw new LineFault('the last neighbour has no weight');
    const edges = Array.from({ length: count }, (_, i) => {
      const at = columns.length + i * step;
      const other = integerField(fields, at);
      if (other < 1 || other > vertexCount || other === vertex) {
        throw new LineFault(
          `the vertex ${vertex} cannot be joined with ${other}: the others are 1 to ${vertexCount}`,
        );
      }
      return { other, weight: hasEdgeWeights ? parseNumber(fields, at + 1, 'weight') : 1 };
    });
    return () => {
      this.#vertex = vertex;
      numbers.forEach((number, at) => {
        this.#vertexColumns[at]!.push(number);
      });
      for (const { other, weight } of edges) this.#keepEdge(vertex, other, weight);
    };
  }

  #keepEdge(vertex: number, other: number, weight: number): void {
    if (other < vertex) {
      this.#seconds += 1;
      this.#secondHash = (this.#secondHash + hashOf(other, vertex, weight)) >>> 0;
      return;
    }
    this.#firstHash = (this.#firstHash + hashOf(vertex, other, weight)) >>> 0;
    this.members.push(vertex - 1);
    this.members.push(other - 1);
    this.sizes.push(2);
    this.#edgeWeights.push(weight);
  }
}

/** 32 bits of an edge and its weight. */
function hashOf(first: number, second: number, weight: number): number {
  let hash = Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca77);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) ^ Math.imul(weight * 65_537, 0x297a_2d39);
  return (hash ^ (hash >>> 13)) >>> 0;
}
