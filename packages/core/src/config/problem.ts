/** One thing that is wrong with a configuration, and the error that lists them all. */
import { AnantError, type ErrorCode } from '../error/index.js';

export interface Problem {
  /** Where: `backends.dask.scheduler`; empty for the whole. */
  readonly path: string;
  /** What, as the rest of a sentence that starts with the path. */
  readonly message: string;
  /** The environment variable that set it, if one did. */
  readonly variable?: string | undefined;
  readonly code?: ErrorCode;
  readonly suggestion?: string | undefined;
}

/** Problems shown in the message; all are in the details. */
const PROBLEMS_SHOWN_MAX = 10;

/** @param source the file, for people; missing when the configuration was passed in by the program. */
export function configError(problems: readonly Problem[], source: string | undefined): AnantError {
  const codes = new Set(problems.map((problem) => problem.code ?? 'E_CONFIG_INVALID'));
  const code = codes.size === 1 ? [...codes][0]! : 'E_CONFIG_INVALID';
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map(describeProblem);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  const where = source ?? 'The configuration';
  const message =
    shown.length === 1
      ? `${where}: ${shown[0]}`
      : `${where}:\n${shown.map((line) => `  ${line}`).join('\n')}`;
  return new AnantError(code, message, { advice: adviceFor(problems), details: { file: source, problems } });
}

function describeProblem({ path, message, variable, suggestion }: Problem): string {
  const subject = path === '' ? 'the configuration' : path;
  const origin = variable === undefined ? '' : ` (set by ${variable})`;
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
  return `${subject}${origin} ${message}${hint}`;
}

function adviceFor(problems: readonly Problem[]): string {
  const hinted = problems.find((problem) => problem.suggestion !== undefined);
  return hinted
    ? `Write "${hinted.suggestion}" instead; docs/config.md lists every key.`
    : 'Correct the entry; docs/config.md lists every key with its type.';
}

const IDENTIFIER = /^[A-Za-z_$][\w$-]*$/;

/** Joins keys the way a person would write them: `workloads.batch.primary[0]`. */
export function joinPath(keys: readonly PropertyKey[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else if (IDENTIFIER.test(String(key))) path += path === '' ? String(key) : `.${String(key)}`;
    else path += `[${JSON.stringify(String(key))}]`;
  }
  return path;
}

/** A value in an error message: its type and, where short, itself. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string')
    return value.length <= 40 ? `the string ${JSON.stringify(value)}` : 'a string';
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
