/** Runs a short-lived program with a deadline and returns what it printed. */
import { spawn } from 'node:child_process';
import { LineSplitter } from '../process/line-splitter.js';

export interface ProgramOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** Gets each line of both streams. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramResult {
  /** Exit code; null when a signal or the deadline ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines of both streams. */
  readonly tail: string;
}

/** Characters of standard output that are kept. */
const STDOUT_CHARACTERS_MAX = 1_000_000;

/** Always settles: at the deadline the program is killed. @throws the system's error when it cannot be started */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.env && { env: options.env }),
    });
    let stdout = '';
    const lines = new LineSplitter((line) => options.onLine?.(line));
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      lines.end();
      resolve({ code, stdout, tail: lines.tail });
    };
    // Not the `timeout` of spawn: it keeps this process alive when the program could not be started, and its end is
    // not the end of what the program started, which may hold the pipes open.
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      finish(null);
    }, options.timeoutMs);
    child.stdout.on('data', (chunk: Uint8Array) => {
      if (stdout.length < STDOUT_CHARACTERS_MAX) stdout += Buffer.from(chunk).toString('utf8');
      lines.feed(chunk);
    });
    child.stderr.on('data', (chunk: Uint8Array) => lines.feed(chunk));
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', finish);
  });
}
