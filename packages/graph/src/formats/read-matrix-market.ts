/** Matrix Market coordinate files: an incidence matrix (rows are vertices), or the adjacency matrix of a graph. */
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
import { readSample } from './sample.js';
import { IntegerTokens } from './tokens.js';

type MatrixFormat = 'matrix-market' | 'matrix-market-adjacency';

interface Banner {
  readonly hasValues: boolean;
  readonly isSymmetric: boolean;
}

/** Rows are vertices, columns hyperedges, both numbered from 1; all of them exist. */
export const readMatrixMarket = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readMatrix(path, options, 'matrix-market');

/** A square matrix: every entry is an edge from its row to its column, once where the matrix is symmetric. */
export const readAdjacencyMatrix = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readMatrix(path, options, 'matrix-market-adjacency');

async function readMatrix(path: string, options: ReadOptions, format: MatrixFormat): Promise<GraphDraft> {
  const sample = await readSample(path, options.signal);
  const banner = parseBanner(path, sample.lines[0] ?? '');
  const reader = new MatrixReader(banner, format);
  const report = await readRows(
    await openBytes(path, options),
    {
      ...options,
      fields: new Fields('space', 'named'),
      header: 'none',
      commentBytes: [37],
      // The size line counts entries: one left out would be missing.
      badLines: 'refuse',
    },
    reader,
  );
  reportRows(path, report);
  reader.checkComplete(path);
  return reader.draft(path, options);
}

/** The first line, without regard to case. @throws AnantError `E_FILE_FORMAT` */
function parseBanner(path: string, line: string): Banner {
  const refuse = (reason: string): never => {
    throw fileFormatError({ path, line: 1 }, reason);
  };
  const [mark, object, layout, field, symmetry] = line.trim().toLowerCase().split(/\s+/);
  if (mark !== '%%matrixmarket') refuse('the first line must start with %%MatrixMarket');
  if (object !== 'matrix' || layout !== 'coordinate') {
    refuse(`only "matrix coordinate" is read, not "${object} ${layout}"`);
  }
  if (!['pattern', 'real', 'integer', 'double'].includes(field ?? '')) {
    refuse(`the field must be pattern, real or integer, not "${field}"`);
  }
  if (symmetry !== 'general' && symmetry !== 'symmetric') {
    refuse(`the symmetry must be general or symmetric, not "${symmetry}"`);
  }
  return { hasValues: field !== 'pattern', isSymmetric: symmetry === 'symmetric' };
}

class MatrixReader {
  readonly #banner: Banner;
  readonly #format: MatrixFormat;
  readonly #rows = new U32Column();
  readonly #columns = new U32Column();
  readonly #values = new F64Column();
  #size: readonly [rows: number, columns: number, entries: number] | undefined;
  #row = 0;
  #column = 0;
  #value = 1;

  constructor(banner: Banner, format: MatrixFormat) {
    this.#banner = banner;
    this.#format = format;
  }

  read(fields: Fields): void {
    if (this.#size === undefined) {
      this.#checkSize(fields);
      return;
    }
    const expected = this.#banner.hasValues ? 3 : 2;
    if (fields.count !== expected) {
      throw new LineFault(
        `expected ${expected} fields (row, column${expected === 3 ? ', value' : ''}), found ${fields.count}`,
      );
    }
    const [rowCount, columnCount, entryCount] = this.#size;
    if (this.#rows.length === entryCount) {
      throw new LineFault(`the size line announces ${entryCount} entries, but here is another one`);
    }
    this.#row = within(integerField(fields, 0), rowCount, 'row');
    this.#column = within(integerField(fields, 1), columnCount, 'column');
    if (this.#banner.hasValues) this.#value = parseNumber(fields, 2, 'value');
  }

  keep(): void {
    if (this.#row === 0) return;
    this.#rows.push(this.#row - 1);
    this.#columns.push(this.#column - 1);
    this.#values.push(this.#value);
  }

  checkComplete(path: string): void {
    if (this.#size === undefined) throw fileFormatError({ path }, 'the size line is missing');
    const [, , entryCount] = this.#size;
    if (this.#rows.length < entryCount) {
      throw fileFormatError(
        { path },
        `the size line announces ${entryCount} entries, but the file has ${this.#rows.length}`,
      );
    }
  }

  draft(path: string, options: ReadOptions): GraphDraft {
    const [rowCount, columnCount] = this.#size!;
    const weight = { values: this.#values.toArray() };
    const keepsWeights = options.properties === 'keep' && this.#banner.hasValues;
    const properties = (of: 'incidences' | 'hyperedges'): { properties?: GraphProperties } =>
      keepsWeights ? { properties: { ...NO_PROPERTIES, [of]: { weight } } } : {};
    const shared = {
      vertices: numbered(rowCount),
      repeatedMembers: options.repeatedMembers ?? ('merge' as const),
      source: { format: this.#format, paths: [path], warnings: [] },
    };
    if (this.#format === 'matrix-market') {
      const grouping = { owners: this.#columns, hyperedges: numbered(columnCount) };
      return { ...shared, members: this.#rows, grouping, ...properties('incidences') };
    }
    return {
      ...shared,
      ...this.#edges(),
      kind: this.#banner.isSymmetric ? 'undirected' : 'directed',
      ...properties('hyperedges'),
    };
  }

  #edges(): Pick<GraphDraft, 'members' | 'grouping'> {
    const ends = new U32Column();
    const sizes = new U32Column();
    const targets = this.#columns.pieces();
    this.#rows.pieces().forEach((sources, piece) => {
      for (let i = 0; i < sources.length; i++) {
        ends.push(sources[i]!);
        ends.push(targets[piece]![i]!);
        sizes.push(2);
      }
    });
    return { members: ends, grouping: { sizes } };
  }

  #checkSize(fields: Fields): void {
    if (fields.count !== 3) throw new LineFault('the size line must be: rows columns entries');
    const size = [integerField(fields, 0), integerField(fields, 1), integerField(fields, 2)] as const;
    if (size[0] > INDEXES_MAX || size[1] > INDEXES_MAX) {
      throw new LineFault(`a graph in one memory has at most ${INDEXES_MAX} vertices or hyperedges`);
    }
    if (this.#format === 'matrix-market-adjacency' && size[0] !== size[1]) {
      throw new LineFault(`an adjacency matrix is square, this one is ${size[0]} × ${size[1]}`);
    }
    if (this.#format === 'matrix-market' && this.#banner.isSymmetric) {
      throw new LineFault(
        'the matrix is symmetric, so it is no incidence matrix',
        "Read it as 'matrix-market-adjacency'.",
      );
    }
    this.#size = size;
  }
}

/** Ids from 1 to `count`. */
function numbered(count: number) {
  const tokens = new IntegerTokens();
  for (let id = 1; id <= count; id++) tokens.interner.intern(id);
  return tokens.finish();
}

function within(value: number, count: number, what: string): number {
  if (value >= 1 && value <= count) return value;
  throw new LineFault(`the ${what} ${value} is not between 1 and ${count}, as the size line announces`);
}
