/** The `anant` command: runs the program and turns what happened into an exit code. */
import { formatError } from '@anant/core';
import { EXIT, exitCodeOf } from './exit-code.js';
import { watchInterrupt } from './interrupt.js';
import { processTerminal } from './output/terminal.js';
import { buildProgram } from './program.js';

/** A reader such as `head` may close the pipe early; that is no failure of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

const terminal = processTerminal();
const interrupted = watchInterrupt(() => terminal.note('Stopping; press Ctrl-C again to end at once.'));
let exitCode: number = EXIT.ok;
try {
  const program = buildProgram({ terminal, signal: interrupted }, (code) => {
    exitCode = code;
  });
  await program.parseAsync(process.argv);
} catch (error) {
  exitCode = interrupted.aborted ? EXIT.interrupted : report(error);
}
process.exitCode = exitCode;

function report(error: unknown): number {
  if (isCommanderExit(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const wantsJson = process.argv.includes('--json');
  if (wantsJson) terminal.result(JSON.stringify({ error: describe(error) }));
  else terminal.note(`${terminal.style('red', '✗')} ${formatError(error)}`);
  return exitCodeOf(error);
}

function isCommanderExit(error: unknown): error is { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, advice, details } = error as { code?: string; advice?: string; details?: unknown };
  return { code, message: error.message, advice, details };
}
