/** `anant node --join`: a worker in this process. The first Ctrl-C drains it, the second ends it at once. */
import { certificatesOf, DRAINED, openCertificates, WorkerNode } from '@anant/backend-native/cluster';
import { AnantError } from '@anant/core';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { noteLogger } from './note-logger.js';
import { tokenFor } from './reach.js';

export interface NodeCommandOptions extends CommonOptions {
  readonly join: string;
  readonly name?: string;
  readonly slots?: number;
  readonly label: readonly string[];
  readonly zone?: string;
  /** Interface of the data endpoint. */
  readonly bind?: string;
  /** Folder of the node's certificate. */
  readonly certificates?: string;
}

const DRAIN_MS_MAX = 30_000;

export async function nodeCommand(options: NodeCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { join, name, slots, zone, bind, json } = options;
  let said = '';
  // The reason of the end has often been told as the last problem.
  const say = (message: string) => {
    if (message !== said) context.terminal.note(message);
    said = message;
  };
  let onOver: (reason: string) => void = () => {};
  const over = new Promise<string>((resolve) => {
    onOver = resolve;
  });
  const directory = process.cwd();
  const folder = certificatesOf({ certificates: options.certificates, directory, local: undefined });
  const logger = noteLogger(say, 'problems');
  const security = await openCertificates(folder, logger);
  const node = await WorkerNode.start({
    head: join,
    token: tokenFor(join),
    ...(security && { security }),
    ...(bind !== undefined && { dataHost: bind }),
    ...(name !== undefined && { name }),
    ...(zone !== undefined && { zone }),
    labels: Object.fromEntries(options.label.map(parseLabel)),
    native: { ...(slots !== undefined && { slots }) },
    logger,
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
  security?.close();
  if (reason === undefined) return EXIT.interrupted;
  return reason === DRAINED ? EXIT.ok : EXIT.backend;
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
