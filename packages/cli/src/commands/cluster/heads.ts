/** `anant heads` and `anant heads forget`: who leads, who stands by and how far, and that one is gone for ever. */
import type { HeadState } from '@anant/backend-native/cluster';
import { AnantError } from '@anant/core';
import { type CommandContext, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { renderTable } from '../../output/table.js';
import { formatCount } from '../../output/terminal.js';
import { type HeadOptions, withAdmin } from './reach.js';

export interface ForgetHeadOptions extends HeadOptions {
  readonly force?: boolean;
}

export async function headsCommand(options: HeadOptions, context: CommandContext): Promise<ExitCode> {
  const heads = await withAdmin(options, (admin) => admin.surveyHeads());
  if (heads.length === 0) {
    throw new AnantError('E_INPUT_INVALID', 'This cluster has a single head, without others beside it.', {
      advice: 'Several heads need a Redis: npx anant up --heads 2 --redis redis://127.0.0.1:6379',
    });
  }
  if (options.json) printJson(context, { heads });
  else {
    const header = ['head', 'role', 'epoch', 'entry', 'behind', 'address'];
    for (const line of renderTable(header, heads.map(rowOf), context.terminal.width))
      context.terminal.result(line);
    for (const { name, reason } of heads) if (reason !== '') context.terminal.result(`${name}: ${reason}`);
  }
  return heads.some(({ state }) => state === 'leader') ? EXIT.ok : EXIT.backend;
}

function rowOf({ name, address, state, index, behind, epoch }: HeadState): string[] {
  const isHere = state !== 'away';
  return [name, state, isHere ? String(epoch) : '-', formatCount(index), formatCount(behind), address];
}

export async function forgetHeadCommand(
  name: string,
  options: ForgetHeadOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const loss = await withAdmin(options, (admin) =>
    admin.forgetHead(name, options.force ? 'accepted' : 'refused'),
  );
  if (options.json) printJson(context, { head: name, loss });
  else {
    const lost = loss === 'possible' ? ' Tasks that only it acknowledged are lost.' : '';
    context.terminal.result(`"${name}" is gone for ever: nobody waits for it any more.${lost}`);
  }
  return EXIT.ok;
}
