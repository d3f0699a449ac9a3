/**
 * RDF terms as ids: an IRI is its text, a blank node starts with `_:`, a literal is written as in N-Triples, with its
 * quotes. No IRI starts with `_:` or a quote, so an id says what it is.
 */
export interface RdfTerm {
  readonly termType: string;
  readonly value: string;
  readonly language?: string;
  readonly datatype?: { readonly value: string };
}

const STRING = 'http://www.w3.org/2001/XMLSchema#string';
const LANGUAGE_STRING = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString';
/** Where an id without a scheme goes in RDF. */
export const RDF_BASE = 'urn:anant:';

/** @returns undefined for a term that is no subject, predicate or object of RDF 1.1. */
export function idOfTerm({ termType, value, language, datatype }: RdfTerm): string | undefined {
  if (termType === 'NamedNode') return value;
  if (termType === 'BlankNode') return `_:${value}`;
  if (termType !== 'Literal') return undefined;
  const quoted = quoteLiteral(value);
  if (language) return `${quoted}@${language}`;
  if (datatype && datatype.value !== STRING && datatype.value !== LANGUAGE_STRING) {
    return `${quoted}^^<${datatype.value}>`;
  }
  return quoted;
}

/** The id as N-Triples has it; a number, or a text that is no IRI, becomes one below `urn:anant:`. */
export function ntriplesOf(id: string | number): string {
  if (typeof id === 'number') return `<${RDF_BASE}${id}>`;
  if (/^_:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?$/.test(id)) return id;
  if (/^"(?:[^"\\\n\r]|\\.)*"(?:@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*|\^\^<[^<>"{}|^`\\\s]+>)?$/.test(id)) return id;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:[^<>"{}|^`\\\s\p{Cc}]*$/u.test(id)) return `<${id}>`;
  return `<${RDF_BASE}${encodeURIComponent(id)}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
};

const quoteLiteral = (value: string): string =>
  `"${value.replace(/["\\\n\r]/g, (character) => ESCAPES[character]!)}"`;
