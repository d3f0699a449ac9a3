/** hMETIS files: a line `hyperedges vertices [format]`, then one hyperedge per line, then vertex weights if any. */
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
  readonly hyperedgeCount: number;
  readonly vertexCount: number;
  readonly hasHyperedgeWeights: boolean;
  readonly hasVertexWeights: boolean;
}

/** Vertices are numbered from 1; all that the header announces exist. Lines that start with `%` are comments. */
export async function readHmetis(path: string, options: ReadOptions): Promise<GraphDraft> {
  const reader = new HmetisReader();
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
  reader.checkComplete(path);
  return {
    vertices: reader.tokens.finish(),
    members: reader.members,
    grouping: { sizes: reader.sizes },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    ...(options.properties === 'keep' && { properties: reader.properties() }),
    source: { format: 'hmetis', paths: [path], warnings: [] },
  };
}

class HmetisReader {
  readonly tokens = new IntegerTokens();
  readonly members = new U32Column();
  readonly sizes = new U32Column();
  readonly #hyperedgeWeights = new F64Column();
  readonly #vertexWeights = new F64Column();
  #header: Header | undefined;
  #keep = () => {};

  read(fields: Fields): void {
    const header = this.#header;
    if (header === undefined) this.#keep = this.#readHeader(fields);
    else if (this.sizes.length < header.hyperedgeCount) this.#keep = this.#readHyperedge(fields, header);
    else if (header.hasVertexWeights && this.#vertexWeights.length < header.vertexCount) {
      this.#keep = this.#readVertexWeight(fields);
    } else
      throw new LineFault(
        `the header announces ${header.hyperedgeCount} hyperedges, but here is another line`,
      );
  }

  keep(): void {
    this.#keep();
  }

  checkComplete(path: string): void {
    const header = this.#header!;
    if (this.sizes.length < header.hyperedgeCount) {
      throw fileFormatError(
        { path },
        `the header announces ${header.hyperedgeCount} hyperedges, but the file has ${this.sizes.length}`,
      );
    }
    if (header.hasVertexWeights && this.#vertexWeights.length < header.vertexCount) {
      throw fileFormatError(
        { path },
        `the header announces ${header.vertexCount} vertex weights, but the file has ${this.#vertexWeights.length}`,
      );
    }
  }

  properties(): GraphProperties {
    const { hasHyperedgeWeights, hasVertexWeights } = this.#header!;
    return {
      ...NO_PROPERTIES,
      hyperedges: hasHyperedgeWeights ? { weight: { values: this.#hyperedgeWeights.toArray() } } : {},
      vertices: hasVertexWeights ? { weight: { values: this.#vertexWeights.toArray() } } : {},
    };
  }

  #readHeader(fields: Fields): () => void {
    if (fields.count < 2 || fields.count > 3) {
      throw new LineFault('the first line must be: hyperedges vertices [format]');
    }
    const [hyperedgeCount, vertexCount] = [integerField(fields, 0), integerField(fields, 1)];
    if (vertexCount > INDEXES_MAX) {
      throw new LineFault(`a graph in one memory has at most ${INDEXES_MAX} vertices, not ${vertexCount}`);
    }
    const format = fields.count === 3 ? fields.text(2) : '0';
    if (!['0', '1', '10', '11'].includes(format)) {
      throw new LineFault(`the format must be 0, 1, 10 or 11, not "${format}"`);
    }
    return () => {
      this.#header = {
        hyperedgeCount,
        vertexCount,
        hasHyperedgeWeights: format.endsWith('1'),
        hasVertexWeights: format.startsWith('1') && format.length === 2,
      };
      for (let id = 1; id <= vertexCount; id++) this.tokens.interner.intern(id);
    };
  }

  #readHyperedge(fields: Fields, header: Header): () => void {
    const from = header.hasHyperedgeWeights ? 1 : 0;
    const weight = from === 1 ? parseNumber(fields, 0, 'weight') : 1;
    const size = fields.count - from;
    for (let i = 0; i < size; i++) {
      const id = integerField(fields, i + from);
      if (id < 1 || id > header.vertexCount) {
        throw new LineFault(
          `the vertex ${id} is not between 1 and ${header.vertexCount}, as the header announces`,
        );
      }
      this.tokens.read(fields, i + from, i);
    }
    return () => {
      for (let i = 0; i < size; i++) this.members.push(this.tokens.intern(i));
      this.sizes.push(size);
      this.#hyperedgeWeights.push(weight);
    };
  }

  #readVertexWeight(fields: Fields): () => void {
    if (fields.count !== 1) throw new LineFault(`expected one vertex weight, found ${fields.count} fields`);
    const weight = parseNumber(fields, 0, 'weight');
    return () => this.#vertexWeights.push(weight);
  }
}
