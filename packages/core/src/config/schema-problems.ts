/** Turns the issues of a schema into problems with paths, nearest keys, and expected against got. */
import type { StandardIssue, StandardSchema } from '../define/index.js';
import { nearest } from './nearest.js';
import { describeValue, joinPath, type Problem } from './problem.js';

/** What zod adds to a standard issue. Other libraries' issues have only message and path. */
interface DetailedIssue extends StandardIssue {
  readonly code?: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly DetailedIssue[])[];
}

/**
 * Checks a value.
 * @param at keys that lead to the value within the whole configuration.
 * @returns the checked value, or what is wrong with it.
 */
export async function checkSchema<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
  at: readonly PropertyKey[] = [],
): Promise<
  { readonly value: Output; readonly problems?: undefined } | { readonly problems: readonly SchemaProblem[] }
> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return { value: result.value };
  return { problems: result.issues.flatMap((issue) => problemsOf(issue, { schema, value, at })) };
}

/** A problem with the keys that lead to it, relative to the checked value. */
export interface SchemaProblem extends Problem {
  readonly keys: readonly PropertyKey[];
  /** The type that was expected, where a type was wrong. */
  readonly expected?: string | undefined;
}

interface Checked {
  readonly schema: unknown;
  readonly value: unknown;
  readonly at: readonly PropertyKey[];
}

function problemsOf(
  issue: DetailedIssue,
  checked: Checked,
  within: readonly PropertyKey[] = [],
): SchemaProblem[] {
  const keys = [...within, ...(issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))];
  if (issue.code === 'unrecognized_keys' && issue.keys) {
    const known = keysAt(checked.schema, keys);
    return issue.keys.map((key) => unknownKey([...keys, key], key, known, checked));
  }
  const path = joinPath([...checked.at, ...keys]);
  if (issue.code === 'invalid_union' && issue.errors) {
    const branch = deepestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => problemsOf(inner, checked, keys));
    const types = issue.errors.flat().map((inner) => inner.expected);
    const expected = [...new Set(types)].map((type) => withArticle(type ?? 'something else')).join(' or ');
    return [{ keys, path, expected, message: mustBe(expected, checked.value, keys) }];
  }
  if (issue.code === 'invalid_type' && issue.expected) {
    const { expected } = issue;
    return [{ keys, path, expected, message: mustBe(withArticle(expected), checked.value, keys) }];
  }
  if (issue.code === 'invalid_value' && issue.values) {
    const got = valueAt(checked.value, keys);
    const choices = issue.values.map(String);
    const suggestion = typeof got === 'string' ? nearest(got, choices) : undefined;
    const list = issue.values.map((choice) => JSON.stringify(choice)).join(', ');
    return [{ keys, path, message: `must be one of ${list}, not ${describeValue(got)}`, suggestion }];
  }
  return [
    {
      keys,
      path,
      message: `is not valid: ${issue.message}, got ${describeValue(valueAt(checked.value, keys))}`,
    },
  ];
}

function unknownKey(
  keys: readonly PropertyKey[],
  key: string,
  known: readonly string[],
  { at }: Checked,
): SchemaProblem {
  const list = known.length > 0 ? `; known here: ${known.join(', ')}` : '';
  return {
    keys,
    path: joinPath([...at, ...keys]),
    message: `is not a known key${list}`,
    suggestion: nearest(key, known),
  };
}

function mustBe(expected: string, value: unknown, keys: readonly PropertyKey[]): string {
  const got = valueAt(value, keys);
  return got === undefined
    ? `is missing; it must be ${expected}`
    : `must be ${expected}, not ${describeValue(got)}`;
}

/** The branch of a union that the user meant: the one that fails inside, not at its own type. */
function deepestBranch(errors: readonly (readonly DetailedIssue[])[]): readonly DetailedIssue[] | undefined {
  return errors.find((branch) =>
    branch.every((issue) => (issue.path?.length ?? 0) > 0 || issue.code !== 'invalid_type'),
  );
}

const withArticle = (type: string): string => {
  if (type === 'int') return 'an integer';
  if (type === 'record') return 'an object';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
};

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/** The part of a zod schema that says which keys exist. */
interface ZodLike {
  readonly _zod?: {
    readonly def: {
      readonly type: string;
      readonly shape?: Readonly<Record<string, ZodLike>>;
      readonly innerType?: ZodLike;
      readonly valueType?: ZodLike;
      readonly element?: ZodLike;
      readonly options?: readonly ZodLike[];
      readonly in?: ZodLike;
    };
  };
}

/** The keys a zod schema knows at a path; none for other schemas. */
function keysAt(schema: unknown, keys: readonly PropertyKey[]): string[] {
  const def = (schema as ZodLike | undefined)?._zod?.def;
  if (def === undefined) return [];
  const inner = def.innerType ?? def.in;
  if (inner !== undefined) return keysAt(inner, keys);
  if (def.options !== undefined) return [...new Set(def.options.flatMap((option) => keysAt(option, keys)))];
  const [key, ...rest] = keys;
  if (key === undefined) return Object.keys(def.shape ?? {});
  return keysAt(def.shape?.[String(key)] ?? def.valueType ?? def.element, rest);
}
