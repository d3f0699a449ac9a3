/** What every command gets, and how it says what happened. */
import type { Terminal } from './output/terminal.js';

export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Options every command takes. */
export interface CommonOptions {
  /** One JSON document on standard output instead of text. */
  readonly json?: boolean;
  /** Configuration file instead of the one in the working folder. */
  readonly config?: string;
}

/** A command resolves with its exit code (`docs/cli.md`). */
export type ExitCode = number;

export function printJson(context: CommandContext, value: unknown): void {
  context.terminal.result(JSON.stringify(value, replaceSpecial, 2));
}

/** JSON has no bigint and no typed array; both become what a reader expects. */
function replaceSpecial(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>);
  return value;
}
