/** HIF, the Hypergraph Interchange Format (JSON), read as a stream and checked against its schema record by record. */
import { IdInterner } from '../ids/id-interner.js';
import type { InternedIds } from '../ids/integer-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import type { GraphProperties, PropertyColumn } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { propertyValueOf, ValueColumns } from '../store/value-columns.js';
import { openBytes } from './byte-source.js';
import { type HifHandler, HifParser } from './hif-parser.js';
import type { HifId, HifPart, HifRecord } from './hif-record.js';
import { JsonFault } from './json-cursor.js';
import { parseJson } from './json-document.js';
import type { ReadOptions } from './read-context.js';

/** Fields beside attrs, which have columns of their own. */
const OWN_FIELDS: readonly string[] = ['weight', 'direction'];
/** Weight of a record that states none, where others do. */
const WEIGHT_DEFAULT = 1;

/**
 * Nodes and edges without incidences are kept. A repeated incidence counts once, except in a directed document,
 * where a node may be head and tail. `attrs` that are numbers, texts or truth values become properties; other `attrs`,
 * and `metadata`, are checked and left out.
 */
export async function readHif(path: string, options: ReadOptions): Promise<GraphDraft> {
  const collector = new HifCollector(options.properties);
  const parser = new HifParser(collector, options.properties);
  await parseJson(await openBytes(path, options), parser, {
    name: 'HIF',
    recordBytesMax: options.lineBytesMax,
  });
  const vertices = collector.vertices.finish();
  const hyperedges = collector.hyperedges.finish();
  const isDirected = parser.kind === 'directed';
  return {
    vertices,
    members: collector.members,
    grouping: { owners: collector.owners, hyperedges },
    repeatedMembers: options.repeatedMembers ?? (isDirected ? 'keep' : 'merge'),
    kind: parser.kind,
    ...((isDirected || options.properties === 'keep') && {
      properties: collector.properties(vertices, hyperedges),
    }),
    source: { format: 'hif', paths: [path], warnings: collector.warnings(parser.hasMetadata) },
  };
}

class HifCollector implements HifHandler {
  readonly vertices = new IdInterner();
  readonly hyperedges = new IdInterner();
  readonly owners = new U32Column();
  readonly members = new U32Column();
  readonly #weights = new F64Column();
  readonly #directions = new U32Column();
  readonly #vertexWeights = new WeightRecords();
  readonly #hyperedgeWeights = new WeightRecords();
  readonly #properties: ReadOptions['properties'];
  #hasWeights = false;
  #hasDirections = false;
  #withAttributes = 0;
  #leftOut = 0;
  readonly #values = { nodes: new ValueColumns(), edges: new ValueColumns(), incidences: new ValueColumns() };

  constructor(properties: ReadOptions['properties']) {
    this.#properties = properties;
  }

  record(part: HifPart, record: HifRecord, bytes: Uint8Array): void {
    const vertex = record.node === undefined ? -1 : internId(this.vertices, record.node, bytes);
    const hyperedge = record.edge === undefined ? -1 : internId(this.hyperedges, record.edge, bytes);
    if (record.hasAttributes) this.#withAttributes += 1;
    if (part === 'incidences') {
      this.owners.push(hyperedge);
      this.members.push(vertex);
    }
    if (part === 'incidences') {
      // Directions are part of the structure.
      this.#directions.push(record.direction);
      this.#hasDirections ||= record.direction !== 0;
    }
    if (this.#properties === 'drop') return;
    this.#noteAttributes(
      part,
      { nodes: vertex, edges: hyperedge, incidences: this.members.length - 1 }[part],
      record,
    );
    if (part === 'incidences') {
      this.#weights.push(record.weight ?? WEIGHT_DEFAULT);
      this.#hasWeights ||= record.weight !== undefined;
    } else if (record.weight !== undefined) {
      if (part === 'nodes') this.#vertexWeights.add(vertex, record.weight);
      else this.#hyperedgeWeights.add(hyperedge, record.weight);
    }
  }

  #noteAttributes(part: HifPart, index: number, { attributes = {} }: HifRecord): void {
    for (const [name, given] of Object.entries(attributes)) {
      const value = propertyValueOf(given);
      if (value === undefined || OWN_FIELDS.includes(name)) this.#leftOut += 1;
      else this.#values[part].set(name, index, value);
    }
  }

  properties(vertices: InternedIds, hyperedges: InternedIds): GraphProperties {
    const directions = new Uint32Array(this.#directions.length);
    this.#directions.copyTo(directions);
    return {
      vertices: {
        ...this.#vertexWeights.toColumn(vertices),
        ...this.#values.nodes.finish(vertices.ids.size, vertices.ranks),
      },
      hyperedges: {
        ...this.#hyperedgeWeights.toColumn(hyperedges),
        ...this.#values.edges.finish(hyperedges.ids.size, hyperedges.ranks),
      },
      incidences: {
        ...this.#values.incidences.finish(this.members.length),
        ...(this.#hasWeights && { weight: { values: this.#weights.toArray() } }),
        ...(this.#hasDirections && { direction: { values: Uint8Array.from(directions) } }),
      },
    };
  }

  warnings(hasMetadata: boolean): string[] {
    const left: string[] = [];
    if (this.#withAttributes > 0 && this.#properties === 'drop') {
      left.push(`The attrs of ${this.#withAttributes} records were left out.`);
    }
    if (this.#leftOut > 0) {
      left.push(
        `${this.#leftOut} attrs were left out: lists, objects, nothing, or named like a field of HIF.`,
      );
    }
    if (hasMetadata) left.push('The metadata was left out.');
    return left;
  }
}

/** Weights by provisional index; the last one of an index counts. */
class WeightRecords {
  readonly #indexes = new U32Column();
  readonly #weights = new F64Column();

  add(index: number, weight: number): void {
    this.#indexes.push(index);
    this.#weights.push(weight);
  }

  toColumn({ ids, ranks }: InternedIds): Record<string, PropertyColumn> {
    if (this.#indexes.length === 0) return {};
    const indexes = new Uint32Array(this.#indexes.length);
    this.#indexes.copyTo(indexes, ranks);
    const weights = this.#weights.toArray();
    const values = new Float64Array(ids.size).fill(WEIGHT_DEFAULT);
    for (let i = 0; i < indexes.length; i++) values[indexes[i]!] = weights[i]!;
    return { weight: { values } };
  }
}

function internId(interner: IdInterner, id: HifId, bytes: Uint8Array): number {
  if (typeof id !== 'object') return interner.intern(id);
  const index = interner.internBytes(bytes, id.start, id.end);
  if (index < 0) throw new JsonFault('an id is not valid UTF-8', id.start);
  return index;
}
