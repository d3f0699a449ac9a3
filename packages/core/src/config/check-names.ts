/** Do the names in a configuration exist? What the schema cannot know. */
import { BUILT_IN_BACKENDS, DEFAULT_WORKLOADS } from '../routing/index.js';
import { type EnvironmentSettings, splitList } from './environment.js';
import type { NamedBackend } from './named-backends.js';
import { nearest } from './nearest.js';
import { joinPath, type Problem } from './problem.js';
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

/** Variables whose name or value names no backend. */
export function unknownVariables(environment: EnvironmentSettings, known: readonly string[]): Problem[] {
  const problems: Problem[] = environment.unknown.map((variable) => ({
    path: variable,
    code: 'E_BACKEND_UNKNOWN',
    message: `names no backend; known: ${known.join(', ')}`,
  }));
  for (const { variable, text } of environment.workloads.values()) {
    if (splitList(text).length === 0)
      problems.push({ path: variable, message: 'must name at least one backend' });
  }
  return problems;
}

export function unknownNames(named: readonly NamedBackend[], known: readonly string[]): Problem[] {
  const unknown = named.filter(({ backend }) => !known.includes(backend));
  return unknown.map(({ keys, backend, variable }) => ({
    path: joinPath(keys),
    variable,
    code: 'E_BACKEND_UNKNOWN',
    message: `names the backend "${backend}", which is neither built in nor configured; known: ${known.join(', ')}`,
    suggestion: nearest(backend, known),
  }));
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
