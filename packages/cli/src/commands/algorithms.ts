/** `anant algorithms`: what can be run, with every parameter. */
import { type Algorithm, algorithms } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';

export function algorithmsCommand(options: CommonOptions, context: CommandContext): ExitCode {
  const all = Object.values(algorithms) as readonly Algorithm[];
  if (options.json) {
    const described = all.map(({ name, description, parameters }) => ({ name, description, parameters }));
    printJson(context, described);
    return EXIT.ok;
  }
  const { result, style } = context.terminal;
  for (const { name, description, parameters } of all) {
    result(`${style('bold', name)}  ${description}`);
    for (const [parameter, { description: meaning, default: value, defaultText }] of Object.entries(
      parameters,
    )) {
      const text = defaultText ?? (typeof value === 'function' ? 'computed' : String(value));
      result(`    ${parameter}  ${meaning} ${style('dim', `(default: ${text})`)}`);
    }
  }
  return EXIT.ok;
}
