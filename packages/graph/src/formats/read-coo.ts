/** Incidence matrices as coordinate rows: `vertex index, hyperedge index[, weight]`, counted from 0, in any order. */
import { IntegerInterner } from '../ids/integer-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { INDEXES_MAX, integerField } from './integer-field.js';
import { parseNumber } from './parse-number.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { fieldsOf, profileRows } from './row-profile.js';
import { COMMENT_BYTES, readRows } from './rows.js';
import { readSample } from './sample.js';

/** Every index up to the largest exists. */
export async function readCoo(path: string, options: ReadOptions): Promise<GraphDraft> {
  const sample = await readSample(path, options.signal);
  const profile = profileRows(sample, { ...options, ids: 'integer' }, ['#', '%']);
  const columns = profile.kinds.length;
  const members = new U32Column();
  const owners = new U32Column();
  const weights = options.properties === 'keep' && columns === 3 ? new F64Column() : undefined;
  let [vertex, hyperedge, weight] = [0, 0, 0];
  let [vertexMax, hyperedgeMax] = [-1, -1];
  const report = await readRows(
    await openBytes(path, options),
    { ...options, fields: fieldsOf(profile), header: profile.header, commentBytes: COMMENT_BYTES },
    {
      read(fields: Fields) {
        if (fields.count !== columns || columns < 2 || columns > 3) {
          throw new LineFault(
            `expected vertex, hyperedge and maybe a weight separated by ${profile.separator}, found ${fields.count} fields`,
          );
        }
        vertex = indexField(fields, 0);
        hyperedge = indexField(fields, 1);
        if (columns === 3) weight = parseNumber(fields, 2, 'weight');
      },
      keep() {
        members.push(vertex);
        owners.push(hyperedge);
        weights?.push(weight);
        vertexMax = Math.max(vertexMax, vertex);
        hyperedgeMax = Math.max(hyperedgeMax, hyperedge);
      },
    },
  );
  return {
    vertices: upTo(vertexMax),
    members,
    grouping: { owners, hyperedges: upTo(hyperedgeMax) },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    ...(weights && {
      properties: { ...NO_PROPERTIES, incidences: { weight: { values: weights.toArray() } } },
    }),
    source: { format: 'coo', paths: [path], warnings: reportRows(path, report) },
  };
}

function indexField(fields: Fields, index: number): number {
  const value = integerField(fields, index);
  if (value < INDEXES_MAX) return value;
  throw new LineFault(`the index ${value} is larger than ${INDEXES_MAX - 1}`);
}

function upTo(largest: number) {
  const interner = new IntegerInterner();
  for (let id = 0; id <= largest; id++) interner.intern(id);
  return interner.finish();
}
