/** Where output goes and how rich it may be. Results go to standard output, everything else to standard error. */
import { styleText } from 'node:util';

export interface Terminal {
  /** A line of the result, on standard output. */
  readonly result: (line: string) => void;
  /** A line for the person watching, on standard error. */
  readonly note: (line: string) => void;
  readonly isInteractive: boolean;
  /** Columns of the terminal; without one nothing is cut. */
  readonly width: number;
  readonly style: (format: Style, text: string) => string;
}

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

export function processTerminal(): Terminal {
  const isInteractive = process.stderr.isTTY === true && process.env.CI === undefined;
  const hasColour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return {
    result: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    isInteractive,
    width: process.stdout.isTTY ? (process.stdout.columns ?? 100) : Number.POSITIVE_INFINITY,
    style: (format, text) => (hasColour ? styleText(format, text) : text),
  };
}

export const formatCount = (value: number): string => value.toLocaleString('en-US');

/** A number of things: `1 head`, `3 heads`. */
export const formatCounted = (count: number, one: string, several = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : several}`;

/** A duration with the unit that reads best. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1) return `${(durationMs * 1000).toFixed(0)} µs`;
  if (durationMs < 1000) return `${durationMs.toFixed(durationMs < 10 ? 1 : 0)} ms`;
  return `${(durationMs / 1000).toFixed(2)} s`;
}

/** A size with the unit that reads best. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return `${bytes} bytes`;
}
