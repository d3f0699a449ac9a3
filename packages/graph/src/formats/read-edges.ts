/** Edge lists: one edge per line, two vertices and optionally a weight. Every edge is a hyperedge of two. */
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { parseNumber } from './parse-number.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { fieldsOf, kindOfColumns, profileRows } from './row-profile.js';
import { COMMENT_BYTES, readRows } from './rows.js';
import { readSample } from './sample.js';
import { IntegerTokens, tokensOf } from './tokens.js';
import { vertexTokens } from './vertex-range.js';

/** Blank lines and lines that start with `#` or `%` are skipped. A self-loop is a hyperedge of one vertex. */
export async function readEdges(path: string, options: ReadOptions): Promise<GraphDraft> {
  const sample = await readSample(path, options.signal);
  const profile = profileRows(sample, options, ['#', '%']);
  const columns = profile.kinds.length;
  const tokens = vertexTokens(tokensOf(kindOfColumns(profile, 0, 2)), options);
  const members = new U32Column();
  const sizes = new U32Column();
  const weights = options.properties === 'keep' && columns === 3 ? new F64Column() : undefined;
  let weight = 0;
  const report = await readRows(
    await openBytes(path, options),
    { ...options, fields: fieldsOf(profile), header: profile.header, commentBytes: COMMENT_BYTES },
    {
      read(fields: Fields) {
        if (fields.count !== columns || columns < 2 || columns > 3) {
          const expected = columns === 3 ? '3 fields (two vertices, weight)' : '2 fields (two vertices)';
          throw new LineFault(
            `expected ${expected} separated by ${profile.separator}, found ${fields.count}`,
          );
        }
        tokens.read(fields, 0, 0);
        tokens.read(fields, 1, 1);
        if (columns === 3) weight = parseNumber(fields, 2, 'weight');
      },
      keep() {
        members.push(tokens.intern(0));
        members.push(tokens.intern(1));
        sizes.push(2);
        weights?.push(weight);
      },
      takeIntegers:
        tokens instanceof IntegerTokens && columns === 2
          ? (values, count) => {
              if (count !== 2) return false;
              members.push(tokens.interner.intern(values[0]!));
              members.push(tokens.interner.intern(values[1]!));
              sizes.push(2);
              return true;
            }
          : undefined,
    },
  );
  return {
    vertices: tokens.finish(),
    members,
    grouping: { sizes },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    ...(weights && {
      properties: { ...NO_PROPERTIES, hyperedges: { weight: { values: weights.toArray() } } },
    }),
    source: { format: 'edges', paths: [path], warnings: reportRows(path, report) },
  };
}
