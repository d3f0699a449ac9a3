/** Options that several commands share, and how texts of the command line become values. */
import { InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './command.js';

/** Receives the exit code of the command that ran. */
export type Finish = (code: ExitCode) => void;

export const JSON_OPTION = ['--json', 'print one JSON document instead of text'] as const;
export const CONFIG_OPTION = [
  '-c, --config <file>',
  'configuration file (default: anant.config.* in this folder)',
] as const;
export const FORMAT_OPTION = ['-f, --format <format>', 'format of the file (default: detected)'] as const;

/** An option that may be given several times; `[]` without it. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`)
    .argParser((value: string, all: readonly string[]) => [...all, value])
    .default([], 'none');

export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Rows of an answer. */
export function rowLimit(text: string): number {
  const value = positiveInteger(text);
  if (value > 1_000_000) throw new InvalidArgumentError('It must be at most 1000000.');
  return value;
}

/** How long a query may take. */
export function querySeconds(text: string): number {
  const value = positiveNumber(text);
  if (value > 86_400) throw new InvalidArgumentError('It must be at most 86400, which is a day.');
  return value;
}

export function portNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return value;
}

const SIZES: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const MEMORY_BYTES_MIN = 2 ** 22;
const MEMORY_BYTES_MAX = 2 ** 32;

export function memorySize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB|)$/.exec(text) ?? [];
  const value = number === '' ? Number.NaN : Math.floor(Number(number) * SIZES[unit]!);
  if (value >= MEMORY_BYTES_MIN && value <= MEMORY_BYTES_MAX) return value;
  throw new InvalidArgumentError('It must be a size from 4MiB to 4GiB, such as 512MiB.');
}
