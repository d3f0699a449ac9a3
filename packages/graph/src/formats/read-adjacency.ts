/** Lists of out-neighbours: line i, counted from 0, lists those of vertex i; blank where it has none. */
import { AnantError } from '@anant/core';
import type { GraphDraft } from '../store/assemble.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { parseInteger, whyNotInteger } from './parse-integer.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { fieldsOf, profileRows } from './row-profile.js';
import { readRows } from './rows.js';
import { readSample } from './sample.js';
import { IntegerTokens } from './tokens.js';
import { vertexTokens } from './vertex-range.js';

/** Largest vertex: a larger one is surely no line of this file. */
const VERTEX_MAX = 0xffff_fffe;

/**
 * Every vertex with out-neighbours becomes a hyperedge whose first member is the vertex and whose others are the
 * out-neighbours; every line is a vertex, and so is every number listed. There are no comments and no header.
 */
export async function readAdjacency(path: string, options: ReadOptions): Promise<GraphDraft> {
  if (options.badLines === 'skip' || options.header === 'skip' || options.ids === 'text') {
    throw new AnantError(
      'E_GRAPH_INVALID',
      'In adjacency files every line is a vertex: none can be skipped.',
      {
        advice: "Leave out badLines, header and ids, or convert the file to an edge list ('edges').",
      },
    );
  }
  const sample = await readSample(path, options.signal);
  const profile = profileRows(sample, { ...options, header: 'none', ids: 'integer' }, []);
  const tokens = new IntegerTokens();
  const members = new U32Column();
  const sizes = new U32Column();
  let source = 0;
  let listed: number[] = [];
  const report = await readRows(
    await openBytes(path, options),
    { ...options, fields: fieldsOf(profile), header: 'none', commentBytes: [] },
    {
      read(fields: Fields) {
        listed = [];
        for (let i = 0; i < fields.count; i++) {
          const value = parseInteger(fields.bytes, fields.starts[i]!, fields.ends[i]!);
          if (value < 0 || value > VERTEX_MAX) throw new LineFault(whyNotInteger(fields.text(i)));
          listed.push(value);
        }
      },
      keep() {
        members.push(tokens.interner.intern(source++));
        for (const vertex of listed) members.push(tokens.interner.intern(vertex));
        sizes.push(listed.length + 1);
      },
      blank() {
        tokens.interner.intern(source++);
      },
    },
  );
  return {
    vertices: vertexTokens(tokens, options).finish(),
    members,
    grouping: { sizes },
    repeatedMembers: options.repeatedMembers ?? 'keep',
    kind: 'directed',
    source: { format: 'adjacency', paths: [path], warnings: reportRows(path, report) },
  };
}
