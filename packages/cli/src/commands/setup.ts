/** `anant setup <engine…>`: a private Python environment, or gpu.js, below `.anant`, with what each engine needs. */
import { type EngineProbe, isEngineName, setupEngine, setupGpu } from '@anant/bridge';
import { AnantError, type GpuReport } from '@anant/core';
import { nearest } from '@anant/core/config';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';
import { describeGpu } from '../output/gpu.js';
import { startProgress } from '../output/progress.js';

const TARGETS = ['dask', 'ray', 'celery', 'python', 'gpu'] as const;

export async function setupCommand(
  engines: readonly string[],
  options: CommonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  for (const engine of engines) checkTarget(engine);
  const probes: (EngineProbe | GpuReport)[] = [];
  for (const engine of engines) probes.push(await setUp(engine, options, context));
  if (options.json) printJson(context, probes);
  return EXIT.ok;
}

function checkTarget(engine: string): void {
  if ((TARGETS as readonly string[]).includes(engine)) return;
  const close = nearest(engine, TARGETS);
  throw new AnantError('E_BACKEND_UNKNOWN', `There is nothing to set up for "${engine}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${TARGETS.join(', ')}.`,
  });
}

async function setUp(
  target: string,
  options: CommonOptions,
  context: CommandContext,
): Promise<EngineProbe | GpuReport> {
  const { terminal } = context;
  const progress = startProgress(terminal, `Setting up ${target}`, options.json ? 'none' : 'auto');
  const onLine = (line: string) => {
    if (!options.json) terminal.note(terminal.style('dim', `  ${line}`));
  };
  try {
    if (target === 'gpu') {
      const report = await setupGpu({ onLine });
      progress.finish(describeGpu(report));
      return report;
    }
    const probe = await setupEngine(isEngineName(target) ? target : 'local', { onLine });
    progress.finish(`Python ${probe.python.version} at ${probe.python.executable}`);
    return probe;
  } finally {
    progress.stop();
  }
}
