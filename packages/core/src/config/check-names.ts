/** Do the names in a configuration exist? What the schema cannot know. */
import { BUILT_IN_BACKENDS, DEFAULT_WORKLOADS } from '../routing/index.js';
import { type EnvironmentSettings, splitList } from './environment.js';
import { nearest } from './nearest.js';
import { joinPath, type Problem } from './problem.js';
import { namedBackends } from './resolve-workload.js';
import { builtInPackage, isBackend, isPackaged } from './section.js';
import type { AnantConfig } from './types.js';

export function unknownSections(sections: NonNullable<AnantConfig['backends']>): Problem[] {
  const problems: Problem[] = [];
  for (const [name, section] of Object.entries(sections)) {
    if (section === undefined || isBackend(section)) continue;
    if (isPackaged(section)) problems.push(...packageProblems(name, section));
    else if (builtInPackage(name) === undefined) problems.push(unknownSection(name));
  }
  return problems;
}

function unknownSection(name: string): Problem {
  return {
    path: joinPath(['backends', name]),
    code: 'E_BACKEND_UNKNOWN',
    message: `is not a built-in backend (${BUILT_IN_BACKENDS.join(', ')}); one of your own needs "package"`,
    suggestion: nearest(name, BUILT_IN_BACKENDS),
  };
}

function packageProblems(
  name: string,
  section: { readonly package: unknown; readonly options?: unknown },
): Problem[] {
  const at = ['backends', name];
  const extra = Object.keys(section).filter((key) => key !== 'package' && key !== 'options');
  const problems: Problem[] = extra.map((key) => ({
    path: joinPath([...at, key]),
    message: 'is not a known key; beside "package" there is only "options"',
    suggestion: nearest(key, ['package', 'options']),
  }));
  if (typeof section.package !== 'string' || section.package === '') {
    problems.push({ path: joinPath([...at, 'package']), message: 'must be the name or path of a package' });
  }
  const options = section.options;
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    problems.push({ path: joinPath([...at, 'options']), message: 'must be an object' });
  }
  return problems;
}

export function unknownVariables(environment: EnvironmentSettings, names: readonly string[]): Problem[] {
  return environment.unknown.map((variable) => ({
    path: variable,
    code: 'E_BACKEND_UNKNOWN',
    message: `names no backend; known: ${names.join(', ')}`,
  }));
}

export function unknownNames(
  config: AnantConfig,
  environment: EnvironmentSettings,
  names: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  const check = (keys: readonly PropertyKey[], backend: string, variable?: string) => {
    if (names.includes(backend)) return;
    problems.push({
      path: joinPath(keys),
      variable,
      code: 'E_BACKEND_UNKNOWN',
      message: `names the backend "${backend}", which is neither built in nor configured; known: ${names.join(', ')}`,
      suggestion: nearest(backend, names),
    });
  };
  for (const [workload, setting] of Object.entries(config.workloads ?? {})) {
    for (const [keys, backend] of namedBackends(setting)) check(['workloads', workload, ...keys], backend);
  }
  for (const [workload, { variable, text }] of environment.workloads) {
    for (const backend of splitList(text)) check(['workloads', workload], backend, variable);
  }
  for (const [index, backend] of (config.forbid ?? []).entries()) check(['forbid', index], backend);
  for (const [index, backend] of (config.defaults?.forbid ?? []).entries())
    check(['defaults', 'forbid', index], backend);
  if (config.defaults?.backend !== undefined) check(['defaults', 'backend'], config.defaults.backend);
  return problems;
}

/** Workloads may have any name, but one that is almost a default one is probably a slip. */
export function oddWorkloads(names: readonly string[]): string[] {
  const known = Object.keys(DEFAULT_WORKLOADS);
  return names.flatMap((name) => {
    const meant = known.includes(name) ? undefined : nearest(name, known);
    return meant === undefined
      ? []
      : [`workloads.${name} is a workload of your own; did you mean "${meant}"?`];
  });
}
