/** Makes an engine usable: a private Python environment with the bridge and the engine in it. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AnantError } from '@anant/core';
import { type EngineName, PYTHON_VERSIONS, setupCommand } from './engines.js';
import { environmentFolder, environmentPython } from './locate-python.js';
import { type EngineProbe, probeEngine, requireUsable } from './probe-engine.js';
import { pythonSource } from './python-source.js';
import { runProgram } from './run-program.js';

export interface SetupOptions {
  /** Folder that gets `.anant`. @default the current folder */
  readonly directory?: string;
  /** `own`: `.anant/<engine>`; `shared`: `.anant/python`, for several engines. @default 'own' */
  readonly environment?: 'own' | 'shared';
  /** Python to make the environment with. @default ANANT_SYSTEM_PYTHON, then the newest supported one on the PATH */
  readonly systemPython?: string;
  /** Gets what the installation prints. */
  readonly onLine?: (line: string) => void;
  /** Longest installation. @default 20 minutes */
  readonly timeoutMs?: number;
}

const SETUP_MS_MAX = 20 * 60_000;
const VENV_MS_MAX = 120_000;
const CHECK = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';

/** An engine, or `local`: the bridge alone, for Python tasks on the embedded backend. */
export type SetupTarget = EngineName | 'local';

/**
 * Creates or updates the environment; running it twice is fine. `local` goes into the shared environment.
 * @throws AnantError `E_PYTHON_VERSION` when no supported Python is found, `E_ENGINE_NOT_INSTALLED` when the
 * installation fails
 */
export async function setupEngine(engine: SetupTarget, options: SetupOptions = {}): Promise<EngineProbe> {
  const directory = options.directory ?? process.cwd();
  const isShared = options.environment === 'shared' || engine === 'local';
  const folder = environmentFolder(directory, isShared ? 'python' : engine);
  const python = environmentPython(folder);
  const say = options.onLine ?? (() => {});
  const existing = await probeEngine({ engine, python });
  if (existing.problem?.code === 'E_PYTHON_VERSION') {
    const system = options.systemPython ?? (await findSystemPython(engine));
    say(`Making the environment ${folder} with ${system}.`);
    await must(system, ['-m', 'venv', '--clear', folder], VENV_MS_MAX, engine, say);
  }
  await withSourceCopy((source) => {
    const args = [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      engine === 'local' ? source : `${source}[${engine}]`,
    ];
    return must(python, args, options.timeoutMs ?? SETUP_MS_MAX, engine, say);
  });
  const probe = await probeEngine({ engine, python });
  requireUsable(probe);
  return probe;
}

/** The build writes beside the sources, which may lie where nobody may write. */
async function withSourceCopy(action: (source: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'anant-setup-'));
  try {
    const source = pythonSource();
    const copy = join(folder, 'anant-bridge');
    const skipped = ['__pycache__', 'tests', 'build', 'anant_bridge.egg-info'];
    await cp(source, copy, { recursive: true, filter: (path) => !skipped.includes(basename(path)) });
    await action(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findSystemPython(engine: string): Promise<string> {
  const newestFirst = [...PYTHON_VERSIONS].reverse().map((version) => `python${version}`);
  const named = process.env.ANANT_SYSTEM_PYTHON;
  const candidates = named ? [named] : [...newestFirst, 'python3'];
  const seen: string[] = [];
  for (const candidate of candidates) {
    const answer = await runProgram(candidate, ['-c', CHECK], { timeoutMs: VENV_MS_MAX }).catch(
      () => undefined,
    );
    const version = answer?.stdout.trim() ?? '';
    if (answer?.code === 0 && (PYTHON_VERSIONS as readonly string[]).includes(version)) return candidate;
    if (answer) seen.push(version ? `${candidate} is ${version}` : `${candidate} lacks the venv module`);
  }
  throw new AnantError(
    'E_PYTHON_VERSION',
    `No Python ${PYTHON_VERSIONS.join(', ')} with the venv module was found${seen.length ? ` (${seen.join('; ')})` : ''}.`,
    {
      advice: `Install one (Debian: apt-get install python3 python3-venv), or set ANANT_SYSTEM_PYTHON, then run \`${setupCommand(engine)}\`.`,
    },
  );
}

async function must(
  command: string,
  args: readonly string[],
  timeoutMs: number,
  engine: string,
  onLine: (line: string) => void,
): Promise<void> {
  const { code, tail } = await runProgram(command, args, { timeoutMs, onLine });
  if (code === 0) return;
  const how = code === null ? `did not end within ${timeoutMs} ms` : `ended with code ${code}`;
  throw new AnantError(
    'E_ENGINE_NOT_INSTALLED',
    `Setting up "${engine}" failed: ${command} ${args.slice(0, 3).join(' ')} ${how}.`,
    {
      advice: `Read its output, fix the cause and run \`${setupCommand(engine)}\` again.`,
      details: { output: tail },
    },
  );
}
