/** Settings from environment variables, which win over the file (docs/config.md). */
import type { EnvironmentValue } from './types.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const WORKLOAD = 'ANANT_WORKLOAD_';
const BACKEND = 'ANANT_BACKEND_';

export interface EnvironmentSettings {
  /** By workload: the primaries, and the variable that names them. */
  readonly workloads: ReadonlyMap<string, EnvironmentValue>;
  /** By backend, then by option. */
  readonly options: ReadonlyMap<string, Readonly<Record<string, EnvironmentValue>>>;
  /** Variables of Anant whose rest names nothing known. */
  readonly unknown: readonly string[];
  readonly python: string | undefined;
}

/**
 * Reads `ANANT_WORKLOAD_<NAME>`, `ANANT_BACKEND_<NAME>_<OPTION>` and `ANANT_PYTHON`. Empty variables do not count.
 * @param workloads names to recognise; another name becomes a workload of its own, in lower case with dashes.
 * @param backends names to recognise; a variable for any other is reported in `unknown`.
 */
export function readEnvironment(
  env: Environment,
  workloads: readonly string[],
  backends: readonly string[],
): EnvironmentSettings {
  const settings = {
    workloads: new Map<string, EnvironmentValue>(),
    options: new Map<string, Record<string, EnvironmentValue>>(),
    unknown: [] as string[],
  };
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || text === '') continue;
    if (variable.startsWith(WORKLOAD)) {
      const name = variable.slice(WORKLOAD.length);
      const workload =
        workloads.find((known) => shout(known) === name) ?? name.toLowerCase().replaceAll('_', '-');
      settings.workloads.set(workload, { variable, text });
    } else if (variable.startsWith(BACKEND)) {
      const option = splitOption(variable.slice(BACKEND.length), backends);
      if (option === undefined) settings.unknown.push(variable);
      else
        settings.options.set(option.backend, {
          ...settings.options.get(option.backend),
          [option.name]: { variable, text },
        });
    }
  }
  return { ...settings, python: env.ANANT_PYTHON || undefined };
}

/** `a, b` → `['a', 'b']` */
export const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** JSON where the text is JSON (numbers, booleans, lists, objects), otherwise the text itself. */
export function parseOption(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The longest backend name wins: `MY_DASK` before `MY`. */
function splitOption(
  rest: string,
  backends: readonly string[],
): { readonly backend: string; readonly name: string } | undefined {
  const matches = backends.filter((backend) => rest.startsWith(`${shout(backend)}_`));
  const backend = matches.sort((a, b) => b.length - a.length)[0];
  if (backend === undefined) return undefined;
  const words = rest.slice(backend.length + 1).toLowerCase();
  return { backend, name: words.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) };
}

const shout = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase();
