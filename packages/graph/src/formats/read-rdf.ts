/** RDF: N-Triples and Turtle. Every triple is a hyperedge of subject and object, its predicate the relation. */
import { EventEmitter } from 'node:events';
import { TextInterner } from '../ids/text-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { idOfTerm, RDF_BASE, type RdfTerm } from './rdf-term.js';
import type { ReadOptions } from './read-context.js';
import { textPieces } from './text-pieces.js';

export const readNtriples = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readRdf(path, options, 'ntriples');

/** Relative IRIs are taken below `urn:anant:` where the document has no base. */
export const readTurtle = (path: string, options: ReadOptions): Promise<GraphDraft> =>
  readRdf(path, options, 'turtle');

async function readRdf(
  path: string,
  options: ReadOptions,
  format: 'ntriples' | 'turtle',
): Promise<GraphDraft> {
  const { Parser } = await import('n3');
  const source = await openBytes(path, options);
  const collector = new TripleCollector();
  const settings =
    format === 'ntriples'
      ? { format: 'N-Triples', blankNodePrefix: '' }
      : { format: 'Turtle', blankNodePrefix: '', baseIRI: RDF_BASE };
  const input = new EventEmitter();
  let fault: Error | undefined;
  new Parser(settings as ConstructorParameters<typeof Parser>[0]).parse(input, (error, quad) => {
    if (error) fault ??= error;
    else if (quad && !fault) fault = collector.add(quad.subject, quad.predicate, quad.object);
  });
  for await (const text of textPieces(source)) {
    if (text === '') continue;
    input.emit('data', text);
    if (fault) break;
  }
  if (!fault) input.emit('end');
  if (fault) throw rdfError(path, fault);
  if (collector.sizes.length === 0) throw fileFormatError({ path }, 'the file has no triples');
  return collector.draft(path, options, format);
}

class TripleCollector {
  readonly sizes = new U32Column();
  readonly #vertices = new TextInterner();
  readonly #relations = new TextInterner();
  readonly #members = new U32Column();
  readonly #relationOf = new U32Column();

  /** @returns What is wrong with the triple, if anything. */
  add(subject: RdfTerm, predicate: RdfTerm, object: RdfTerm): Error | undefined {
    const [head, relation, tail] = [idOfTerm(subject), idOfTerm(predicate), idOfTerm(object)];
    if (head === undefined || relation === undefined || tail === undefined) {
      return new Error('a statement about a statement is not read');
    }
    this.#members.push(intern(this.#vertices, head));
    this.#members.push(intern(this.#vertices, tail));
    this.#relationOf.push(intern(this.#relations, relation));
    this.sizes.push(2);
    return undefined;
  }

  draft(path: string, options: ReadOptions, format: string): GraphDraft {
    const values = new Uint32Array(this.#relationOf.length);
    this.#relationOf.copyTo(values);
    return {
      vertices: { ids: this.#vertices.finish(), ranks: undefined },
      members: this.#members,
      grouping: { sizes: this.sizes },
      repeatedMembers: options.repeatedMembers ?? 'keep',
      ...(options.properties === 'keep' && {
        properties: {
          ...NO_PROPERTIES,
          hyperedges: { relation: { values, dictionary: this.#relations.finish() } },
        },
      }),
      source: { format, paths: [path], warnings: [] },
    };
  }
}

const encoder = new TextEncoder();

function intern(interner: TextInterner, text: string): number {
  const bytes = encoder.encode(text);
  return interner.intern(bytes, 0, bytes.length);
}

/** The parser names the line at the end of its message. */
function rdfError(path: string, { message }: Error) {
  const line = Number(/ on line (\d+)\.?$/.exec(message)?.[1]);
  const place = Number.isNaN(line) ? { path } : { path, line };
  return fileFormatError(place, `not valid RDF: ${message.replace(/ on line \d+\.?$/, '')}`);
}
