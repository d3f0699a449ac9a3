/** Parameters of algorithms written as options: `--s 2` and `--iterations-max 50` beside `--param s=2`. */
import { AnantError } from '@anant/core';
import { nearest } from '@anant/core/config';
import type { Algorithm } from '@anant/graph';

export interface DirectArguments {
  readonly operands: readonly string[];
  /** Options that the command does not have itself, with their values. */
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

/** Takes apart what is left of a command line once the command's own options are taken out. */
export function splitArguments(args: readonly string[]): DirectArguments {
  const operands: string[] = [];
  const pairs: [string, string][] = [];
  for (let at = 0; at < args.length; at++) {
    const text = args[at]!;
    if (!/^--?[a-zA-Z]/.test(text)) {
      operands.push(text);
      continue;
    }
    const [, name = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
    const given = value ?? args[++at];
    if (given === undefined || /^--[a-zA-Z]/.test(given)) {
      throw new AnantError('E_INPUT_INVALID', `The option "${text}" needs a value.`, {
        advice: `Write it as --${name} VALUE or --${name}=VALUE.`,
      });
    }
    pairs.push([name, given]);
  }
  return { operands, pairs };
}

/**
 * Options as `name=value`, named as the algorithm names them.
 * @param own Long options of the command itself, for suggestions.
 * @throws AnantError `E_INPUT_INVALID` for an option that neither the algorithm nor the command has.
 */
export function directParameters(
  algorithm: Algorithm,
  pairs: DirectArguments['pairs'],
  own: readonly string[],
): string[] {
  const names = Object.keys(algorithm.parameters);
  const options = new Map(names.map((name) => [optionOf(name), name]));
  return pairs.map(([name, value]) => {
    const parameter = options.get(optionOf(name));
    if (parameter !== undefined) return `${parameter}=${value}`;
    const close = nearest(name, [...options.keys(), ...own]);
    const known =
      names.length === 0
        ? 'it has none'
        : `it has ${[...options.keys()].map((key) => `--${key}`).join(', ')}`;
    throw new AnantError(
      'E_INPUT_INVALID',
      `There is no option "--${name}": the algorithm "${algorithm.name}" has no such parameter (${known}).`,
      { advice: close ? `Did you mean "--${close}"?` : `"anant run --help" lists the other options.` },
    );
  });
}

/** `iterationsMax` and `iterations-max` are the same option. */
const optionOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The two operands of a job. @throws AnantError `E_INPUT_INVALID` when there are others. */
export function jobOperands({ operands }: DirectArguments): readonly [algorithm: string, file: string] {
  const [algorithm, file, extra] = operands;
  if (algorithm === undefined || file === undefined) {
    const missing = algorithm === undefined ? 'algorithm' : 'file';
    throw new AnantError('E_INPUT_INVALID', `missing required argument '${missing}'`, {
      advice: 'Write: anant run ALGORITHM FILE [options].',
    });
  }
  if (extra !== undefined) {
    throw new AnantError('E_INPUT_INVALID', `There is an argument too many: "${extra}".`, {
      advice: 'Write: anant run ALGORITHM FILE [options].',
    });
  }
  return [algorithm, file];
}
