/** `anant drain`, `anant explain` and `anant gossip rotate`. */
import { type CommandContext, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { formatCounted } from '../../output/terminal.js';
import { type HeadOptions, withAdmin } from './reach.js';

export async function drainCommand(
  node: string,
  options: HeadOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const running = await withAdmin(options, (admin) => admin.drain(node));
  if (options.json) printJson(context, { node, running });
  else {
    const left = running === 0 ? 'none is' : running === 1 ? '1 is' : `${running} are`;
    context.terminal.result(`${node} takes no more tasks; ${left} left with it.`);
  }
  return EXIT.ok;
}

export async function rotateGossipCommand(options: HeadOptions, context: CommandContext): Promise<ExitCode> {
  const { key, workers, heads } = await withAdmin(options, (admin) => admin.rotateGossipKey());
  if (options.json) printJson(context, { key, workers, heads });
  else
    context.terminal.result(
      `Gossip is encrypted with key ${key} now; ${formatCounted(workers, 'worker')} and ${formatCounted(heads, 'standby head')} have it, others get it when they join.`,
    );
  return EXIT.ok;
}

export async function explainCommand(
  task: string,
  options: HeadOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { explanations } = await withAdmin(options, (admin) => admin.explain(task));
  if (options.json) {
    printJson(context, { task, explanations });
    return EXIT.ok;
  }
  for (const { attempt, state, worker, reason } of explanations) {
    const where = worker === '' ? '' : ` on ${worker}`;
    const verb = state === 'ended' ? 'has' : 'is';
    context.terminal.result(`Attempt ${attempt} of ${task} ${verb} ${state}${where}. ${reason}`);
  }
  return EXIT.ok;
}
