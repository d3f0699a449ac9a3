/** `anant node --join`: a worker in this process. The first Ctrl-C drains it, the second ends it at once. */
import { findLocalCluster, WorkerNode } from '@anant/backend-native/cluster';
import { AnantError, type Logger } from '@anant/core';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';

export interface NodeCommandOptions extends CommonOptions {
  readonly join: string;
  readonly name?: string;
  readonly slots?: number;
  readonly label: readonly string[];
  readonly zone?: string;
}

const DRAIN_MS_MAX = 30_000;

export async function nodeCommand(options: NodeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { join, name, slots, zone, json } = options;
  const local = findLocalCluster(process.cwd());
  const token = process.env.ANANT_CLUSTER_TOKEN ?? (local?.address === join ? local.token : undefined);
  const say = (message: string) => context.terminal.note(message);
  let onOver: (reason: string) => void = () => {};
  const over = new Promise<string>((resolve) => {
    onOver = resolve;
  });
  const node = await WorkerNode.start({
    head: join,
    token,
    ...(name !== undefined && { name }),
    ...(zone !== undefined && { zone }),
    labels: Object.fromEntries(options.label.map(parseLabel)),
    native: { ...(slots !== undefined && { slots }) },
    logger: noteLogger(say),
    onJoined: (epoch) => {
      if (json) printJson(context, { node: node.name, head: join, epoch });
      else say(`${node.name} works for ${join} (epoch ${epoch}). Ctrl-C drains it.`);
    },
    onOver,
  });
  const interrupted = new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const reason = await Promise.race([over, interrupted]);
  if (reason === undefined) await node.drain(DRAIN_MS_MAX);
  else {
    say(reason);
    await node.stop();
  }
  return reason === undefined ? EXIT.interrupted : EXIT.ok;
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new AnantError('E_INPUT_INVALID', `A label is written name=value, not "${text}".`, {
      advice: 'For example: --label disk=ssd',
    });
  }
  return [text.slice(0, at), text.slice(at + 1)];
}

function noteLogger(say: (message: string) => void): Logger {
  const logger: Logger = { debug: () => {}, info: () => {}, warn: say, error: say, child: () => logger };
  return logger;
}
