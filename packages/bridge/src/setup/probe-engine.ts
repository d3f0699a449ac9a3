/** Looks whether a Python can run an engine, without importing it: versions, and what is missing. */
import { AnantError, type ErrorCode } from '@anant/core';
import { BRIDGE_PACKAGES, ENGINE_PACKAGES, PYTHON_VERSIONS, setupCommand } from './engines.js';
import { type LocatedPython, type LocateOptions, locatePython } from './locate-python.js';
import { runProgram } from './run-program.js';

export interface EngineProbe {
  readonly engine: string;
  readonly python: LocatedPython & { readonly version: string | undefined };
  /** Installed version of each needed distribution; undefined when it is missing. */
  readonly packages: Readonly<Record<string, string | undefined>>;
  /** Why it cannot be used; undefined when it can. */
  readonly problem: EngineProblem | undefined;
}

export interface EngineProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice: string;
}

const PROBE_MS_MAX = 20_000;
const PROGRAM = `
import json, sys
from importlib import metadata
packages = {}
for name in sys.argv[1:]:
    try:
        packages[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        packages[name] = None
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "packages": packages}))
`;

/** Never throws for what it finds: the problem is part of the answer. */
export async function probeEngine(options: LocateOptions): Promise<EngineProbe> {
  const { engine } = options;
  const located = locatePython(options);
  const wanted = [...BRIDGE_PACKAGES, ...(ENGINE_PACKAGES[engine as keyof typeof ENGINE_PACKAGES] ?? [])];
  const answer = await ask(located.executable, wanted);
  if ('failure' in answer) {
    const python = { ...located, version: undefined };
    const problem = noPython(located, engine, answer.failure);
    return { engine, python, packages: {}, problem };
  }
  const packages = Object.fromEntries(wanted.map((name) => [name, answer.packages[name] ?? undefined]));
  const python = { ...located, version: answer.version };
  return { engine, python, packages, problem: findProblem(engine, python, packages) };
}

/** @throws AnantError when the probe found a problem */
export function requireUsable(probe: EngineProbe): void {
  const { problem } = probe;
  if (!problem) return;
  const { executable, version } = probe.python;
  throw new AnantError(problem.code, problem.message, {
    advice: problem.advice,
    details: { python: executable, version, packages: probe.packages },
  });
}

interface Answer {
  readonly version: string;
  readonly packages: Readonly<Record<string, string | null>>;
}

async function ask(
  executable: string,
  packages: readonly string[],
): Promise<Answer | { readonly failure: string }> {
  try {
    const { code, stdout, tail } = await runProgram(executable, ['-c', PROGRAM, ...packages], {
      timeoutMs: PROBE_MS_MAX,
    });
    if (code !== 0) return { failure: tail || `it ended with ${code}` };
    return JSON.parse(stdout) as Answer;
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function noPython(located: LocatedPython, engine: string, failure: string): EngineProblem {
  return {
    code: 'E_PYTHON_VERSION',
    message: `The Python "${located.executable}" (from ${located.origin}) cannot be run: ${failure}`,
    advice: `Install Python ${PYTHON_VERSIONS[0]} to ${PYTHON_VERSIONS.at(-1)} and run \`${setupCommand(engine)}\`.`,
  };
}

function findProblem(
  engine: string,
  python: EngineProbe['python'],
  packages: EngineProbe['packages'],
): EngineProblem | undefined {
  const release = python.version?.split('.').slice(0, 2).join('.') ?? '';
  if (!(PYTHON_VERSIONS as readonly string[]).includes(release)) {
    return {
      code: 'E_PYTHON_VERSION',
      message: `"${python.executable}" is Python ${python.version}; ${PYTHON_VERSIONS.join(', ')} are supported.`,
      advice: `Install a supported Python and run \`${setupCommand(engine)}\`.`,
    };
  }
  const missing = Object.keys(packages).filter((name) => packages[name] === undefined);
  if (missing.length === 0) return undefined;
  return {
    code: 'E_ENGINE_NOT_INSTALLED',
    message: `${engine === 'local' ? 'The bridge' : `"${engine}"`} needs Python packages that "${python.executable}" does not have: ${missing.join(', ')}.`,
    advice: `Run \`${setupCommand(engine)}\`.`,
  };
}
