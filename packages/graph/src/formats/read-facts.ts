/** Knowledge graphs as text: triples `head relation tail`, and n-ary facts `relation e1 … ek`, tab-separated. */
import type { GraphDraft } from '../store/assemble.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { type ReadOptions, reportRows } from './read-context.js';
import { fieldsOf, profileRows } from './row-profile.js';
import { readRows } from './rows.js';
import { readSample } from './sample.js';
import { tokensOf } from './tokens.js';
import { vertexTokens } from './vertex-range.js';

/** Where the parts of a fact are. Positions are roles, so repeated members are kept unless the user says otherwise. */
interface FactShape {
  readonly format: 'triples' | 'facts' | 'named-facts';
  readonly relationAt: number;
  /** Column of the fact's own name, if it has one. */
  readonly nameAt?: number;
  /** Columns that hold entities, for a row of `count` fields. */
  readonly entitiesOf: (count: number) => {
    readonly from: number;
    readonly to: number;
    readonly step: number;
  };
  readonly expected: string;
  readonly fits: (count: number) => boolean;
}

const TRIPLES: FactShape = {
  format: 'triples',
  relationAt: 1,
  entitiesOf: () => ({ from: 0, to: 3, step: 2 }),
  expected: '3 fields (head, relation, tail)',
  fits: (count) => count === 3,
};

const FACTS: FactShape = {
  format: 'facts',
  relationAt: 0,
  entitiesOf: (count) => ({ from: 1, to: count, step: 1 }),
  expected: 'a relation and at least one entity',
  fits: (count) => count >= 2,
};

const NAMED_FACTS: FactShape = {
  format: 'named-facts',
  relationAt: 1,
  nameAt: 0,
  entitiesOf: (count) => ({ from: 2, to: count, step: 1 }),
  expected: 'the name of the fact, a relation and at least one entity',
  fits: (count) => count >= 3,
};

/** `head relation tail`, one per line. Every triple is a hyperedge of head and tail. */
export const readTriples = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readShape(path, options, TRIPLES);

/** `relation e1 … ek`, one per line. Every fact is a hyperedge. */
export const readFacts = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readShape(path, options, FACTS);

/** `name relation e1 … ek`, one per line. Every fact is a hyperedge whose id is the name. */
export const readNamedFacts = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readShape(path, options, NAMED_FACTS);

async function readShape(path: string, options: ReadOptions, shape: FactShape): Promise<GraphDraft> {
  const sample = await readSample(path, options.signal);
  const profile = profileRows(sample, { ...options, separator: options.separator ?? 'tab', ids: 'text' }, []);
  const vertices = vertexTokens(tokensOf('text'), options);
  const relations = tokensOf('text');
  const names = tokensOf('text');
  const { nameAt } = shape;
  const members = new U32Column();
  const sizes = new U32Column();
  const relationOf = new U32Column();
  let size = 0;
  const report = await readRows(
    await openBytes(path, options),
    { ...options, fields: fieldsOf(profile), header: profile.header, commentBytes: [] },
    {
      read(fields: Fields) {
        if (!shape.fits(fields.count)) {
          throw new LineFault(
            `expected ${shape.expected}, separated by ${profile.separator}; found ${fields.count} fields`,
          );
        }
        relations.read(fields, shape.relationAt, 0);
        if (nameAt !== undefined) names.read(fields, nameAt, 0);
        const { from, to, step } = shape.entitiesOf(fields.count);
        size = 0;
        for (let i = from; i < to; i += step) vertices.read(fields, i, size++);
      },
      keep() {
        if (nameAt !== undefined && names.intern(0) !== sizes.length) {
          throw new LineFault('the name of the fact was used on an earlier line');
        }
        for (let i = 0; i < size; i++) members.push(vertices.intern(i));
        sizes.push(size);
        relationOf.push(relations.intern(0));
      },
    },
  );
  const values = new Uint32Array(relationOf.length);
  relationOf.copyTo(values);
  return {
    vertices: vertices.finish(),
    members,
    grouping: { sizes, ...(nameAt !== undefined && { hyperedges: names.finish().ids }) },
    repeatedMembers: options.repeatedMembers ?? 'keep',
    ...(options.properties === 'keep' && {
      properties: {
        ...NO_PROPERTIES,
        hyperedges: { relation: { values, dictionary: relations.finish().ids } },
      },
    }),
    source: { format: shape.format, paths: [path], warnings: reportRows(path, report) },
  };
}
