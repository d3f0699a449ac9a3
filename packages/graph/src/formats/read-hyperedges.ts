/** Hyperedge lists: one hyperedge per line, its members separated by commas, tabs, semicolons or spaces. */
import type { GraphDraft } from '../store/assemble.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import type { Fields } from './fields.js';
import type { TakeIntegers } from './integer-rows.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { fieldsOf, kindOfColumns, profileRows } from './row-profile.js';
import { COMMENT_BYTES, readRows } from './rows.js';
import { readSample } from './sample.js';
import { IntegerTokens, tokensOf } from './tokens.js';
import { vertexTokens } from './vertex-range.js';

/** Blank lines and lines that start with `#` or `%` are skipped. */
export async function readHyperedges(path: string, options: ReadOptions): Promise<GraphDraft> {
  const sample = await readSample(path, options.signal);
  const profile = profileRows(sample, { ...options, header: options.header ?? 'none' }, ['#', '%']);
  const tokens = vertexTokens(tokensOf(kindOfColumns(profile, 0, Number.POSITIVE_INFINITY)), options);
  const members = new U32Column();
  const sizes = new U32Column();
  let size = 0;
  const report = await readRows(
    await openBytes(path, options),
    { ...options, fields: fieldsOf(profile), header: profile.header, commentBytes: COMMENT_BYTES },
    {
      read(fields: Fields) {
        size = fields.count;
        for (let i = 0; i < size; i++) tokens.read(fields, i, i);
      },
      keep() {
        for (let i = 0; i < size; i++) members.push(tokens.intern(i));
        sizes.push(size);
      },
      takeIntegers: tokens instanceof IntegerTokens ? integersTaker(tokens, members, sizes) : undefined,
    },
  );
  return {
    vertices: tokens.finish(),
    members,
    grouping: { sizes },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    source: { format: 'hyperedges', paths: [path], warnings: reportRows(path, report) },
  };
}

function integersTaker({ interner }: IntegerTokens, members: U32Column, sizes: U32Column): TakeIntegers {
  return (values, count) => {
    for (let i = 0; i < count; i++) members.push(interner.intern(values[i]!));
    sizes.push(count);
    return true;
  };
}
