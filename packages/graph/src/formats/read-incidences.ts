/** Incidence rows (CSV, TSV): each row is one incidence `hyperedge, vertex` and optionally a weight, in any order. */
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { parseNumber } from './parse-number.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { fieldsOf, isColumn, kindOfColumns, profileRows } from './row-profile.js';
import { readRows } from './rows.js';
import { readSample } from './sample.js';
import { IntegerTokens, tokensOf } from './tokens.js';
import { vertexTokens } from './vertex-range.js';

/** With a header the columns may stand in another order. Of a repeated row the last weight counts. */
export const readIncidences = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readRowsOf(path, options, 'incidences');

/** Rows `vertex, hyperedge`: the edges of the bipartite graph. */
export const readBipartite = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readRowsOf(path, options, 'bipartite');

async function readRowsOf(
  path: string,
  options: ReadOptions,
  format: 'incidences' | 'bipartite',
): Promise<GraphDraft> {
  const sample = await readSample(path, options.signal);
  const profile = profileRows(sample, options, []);
  const columns = profile.kinds.length;
  const [first] = profile.columns;
  const isHeaded = isColumn(first, 'vertex') || isColumn(first, 'hyperedge');
  const isVertexFirst = isHeaded ? isColumn(first, 'vertex') : format === 'bipartite';
  const [edgeAt, vertexAt] = isVertexFirst ? [1, 0] : [0, 1];
  const hyperedges = tokensOf(kindOfColumns(profile, edgeAt, edgeAt + 1));
  const vertices = vertexTokens(tokensOf(kindOfColumns(profile, vertexAt, vertexAt + 1)), options);
  const owners = new U32Column();
  const members = new U32Column();
  const weights = options.properties === 'keep' && columns === 3 ? new F64Column() : undefined;
  let weight = 0;
  const report = await readRows(
    await openBytes(path, options),
    { ...options, fields: fieldsOf(profile), header: profile.header, commentBytes: [] },
    {
      read(fields: Fields) {
        if (fields.count !== columns || columns < 2 || columns > 3) {
          const expected =
            columns === 3 ? '3 fields (hyperedge, vertex, weight)' : '2 fields (hyperedge, vertex)';
          throw new LineFault(
            `expected ${expected} separated by ${profile.separator}, found ${fields.count}`,
          );
        }
        hyperedges.read(fields, edgeAt, 0);
        vertices.read(fields, vertexAt, 0);
        if (columns === 3) weight = parseNumber(fields, 2, 'weight');
      },
      keep() {
        owners.push(hyperedges.intern(0));
        members.push(vertices.intern(0));
        weights?.push(weight);
      },
      takeIntegers:
        vertices instanceof IntegerTokens && hyperedges instanceof IntegerTokens && columns === 2
          ? (values, count) => {
              if (count !== 2) return false;
              owners.push(hyperedges.interner.intern(values[edgeAt]!));
              members.push(vertices.interner.intern(values[vertexAt]!));
              return true;
            }
          : undefined,
    },
  );
  return {
    vertices: vertices.finish(),
    members,
    grouping: { owners, hyperedges: hyperedges.finish() },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    ...(weights && {
      properties: { ...NO_PROPERTIES, incidences: { weight: { values: weights.toArray() } } },
    }),
    source: { format, paths: [path], warnings: reportRows(path, report) },
  };
}
