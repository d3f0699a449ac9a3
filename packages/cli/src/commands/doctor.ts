/** `anant doctor`: what is usable here, what is missing, and the command that fixes it. Starts no engine. */
import { spawnSync } from 'node:child_process';
import { findNvidiaGpus } from '@anant/backend-native';
import { type LocatedPython, locatePython, probeEngine } from '@anant/bridge';
import { BUILT_IN_BACKENDS, type BuiltInBackend } from '@anant/core';
import { BUILT_IN_PACKAGES, loadBackend, loadConfig, type ResolvedConfig } from '@anant/core/config';
import { probeGpu } from '@anant/core/gpu';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';
import { describeGpu } from '../output/gpu.js';
import { renderTable } from '../output/table.js';

export interface Finding {
  readonly subject: string;
  readonly state: 'usable' | 'missing' | 'broken';
  readonly detail: string;
  /** The command or action that fixes it. */
  readonly fix?: string;
}

const NODE_MIN = [20, 19] as const;
const PROGRAM_MS_MAX = 10_000;

/** Exits 0 when the embedded backend and every configured backend are usable. */
export async function doctorCommand(options: CommonOptions, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(options.config === undefined ? {} : { file: options.config });
  const engines = BUILT_IN_BACKENDS.filter((name) => name !== 'native');
  const findings = [
    checkNode(),
    await checkPackage('native', config),
    await checkPythonTasks(config),
    ...(await Promise.all(engines.map((engine) => checkEngine(engine, config)))),
    checkRedis(),
    await checkGpuTasks(config),
    await checkNvidia(),
  ];
  const needed = new Set(['node', ...Object.keys(config.backends)]);
  const isHealthy = findings.every(({ subject, state }) => state === 'usable' || !needed.has(subject));
  if (options.json) printJson(context, { healthy: isHealthy, configuration: config.file ?? null, findings });
  else showFindings(findings, config, context);
  return isHealthy ? EXIT.ok : EXIT.backend;
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  const detail = `Node.js ${process.versions.node}`;
  if (isNewEnough) return { subject: 'node', state: 'usable', detail };
  return { subject: 'node', state: 'broken', detail, fix: `install Node.js ${NODE_MIN.join('.')} or newer` };
}

async function checkPackage(name: string, config: ResolvedConfig): Promise<Finding> {
  const section = config.backends[name] ?? {
    package: BUILT_IN_PACKAGES[name as BuiltInBackend],
    options: {},
    environment: {},
    instance: undefined,
  };
  try {
    const backend = await loadBackend(name, section, config);
    return { subject: name, state: 'usable', detail: `package installed, contract ${backend.spec}` };
  } catch (error) {
    const { message, advice } = error as { message: string; advice?: string };
    return {
      subject: name,
      state: 'missing',
      detail: message,
      ...(advice && { fix: advice.replace(/^Run: /, '') }),
    };
  }
}

async function checkEngine(engine: string, config: ResolvedConfig): Promise<Finding> {
  const node = await checkPackage(engine, config);
  return node.state === 'usable' ? checkPython(engine, engine, config) : node;
}

/** The embedded backend takes every environment that `anant setup` made: each has what Python tasks need. */
async function checkPythonTasks(config: ResolvedConfig): Promise<Finding> {
  const { directory, python } = config;
  const made = ['local', ...BUILT_IN_BACKENDS]
    .map((engine) => locatePython({ engine, python: python.executable, directory }))
    .find(({ origin }) => origin !== 'PATH');
  return checkPython('python tasks', 'local', config, made);
}

async function checkPython(
  subject: string,
  engine: string,
  config: ResolvedConfig,
  located?: LocatedPython,
): Promise<Finding> {
  const python = located?.executable ?? config.python.executable;
  const probe = await probeEngine({ engine, python, directory: config.directory });
  const { executable, version } = probe.python;
  const origin = located?.origin ?? probe.python.origin;
  if (probe.problem) {
    const fix = engine === 'local' ? 'npx anant setup python' : `npx anant setup ${engine}`;
    return { subject, state: 'missing', detail: probe.problem.message, fix };
  }
  const versions = Object.entries(probe.packages)
    .map(([name, installed]) => `${name} ${installed}`)
    .reverse();
  return {
    subject,
    state: 'usable',
    detail: `${versions.join(', ')}; Python ${version} at ${executable} (from ${origin})`,
  };
}

/** What kernels of tasks in mode `gpu` would run on; nothing else needs it. */
async function checkGpuTasks({ directory }: ResolvedConfig): Promise<Finding> {
  const subject = 'gpu tasks';
  try {
    return { subject, state: 'usable', detail: describeGpu(await probeGpu({ directory })) };
  } catch (error) {
    const { message } = error as Error;
    return { subject, state: 'missing', detail: message, fix: 'npx anant setup gpu' };
  }
}

async function checkNvidia(): Promise<Finding> {
  const subject = 'nvidia';
  const gpus = await findNvidiaGpus();
  if (gpus.length === 0) return { subject, state: 'missing', detail: 'nvidia-smi names no GPU' };
  const names = gpus.map(({ name, memoryBytes }) => `${name}, ${Math.round(memoryBytes / 2 ** 30)} GiB`);
  return { subject, state: 'usable', detail: names.join('; ') };
}

function checkRedis(): Finding {
  const { stdout, status } = spawnSync('redis-server', ['--version'], {
    encoding: 'utf8',
    timeout: PROGRAM_MS_MAX,
  });
  const version = stdout?.match(/v=([\d.]+)/)?.[1];
  if (status === 0 && version) {
    return { subject: 'redis-server', state: 'usable', detail: `${version}, for a local Celery` };
  }
  const fix =
    "apt-get install redis-server (or your system's package), or name a broker in the configuration";
  return {
    subject: 'redis-server',
    state: 'missing',
    detail: 'not on the PATH; only a local Celery needs it',
    fix,
  };
}

function showFindings(
  findings: readonly Finding[],
  config: ResolvedConfig,
  { terminal }: CommandContext,
): void {
  terminal.result(config.file ? `Configuration: ${config.file}` : 'Configuration: none, the defaults hold');
  const rows = findings.map(({ subject, state, detail }) => [subject, state, detail]);
  for (const line of renderTable(['what', 'state', 'detail'], rows, Number.POSITIVE_INFINITY))
    terminal.result(line);
  for (const { subject, fix } of findings) {
    if (fix) terminal.result(`${terminal.style('yellow', '→')} ${subject}: ${fix}`);
  }
}
