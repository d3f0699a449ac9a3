/** Runs the `anant` command as a user does: a process of its own, with its streams and exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'anant.js');

export interface CliResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Resolves once standard error contains `text`. */
  readonly says: (text: string) => Promise<void>;
}

/** Where a command runs, besides its folder. */
export interface Surroundings {
  /** What its command line begins with, to run in a namespace. */
  readonly enter?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export function startCli(
  args: readonly string[],
  cwd = emptyFolder(),
  { enter = [], env = {} }: Surroundings = {},
): RunningCli {
  const [first = '', ...rest] = [...enter, process.execPath, program, ...args];
  const child = spawn(first, rest, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 200_000,
    env: { ...process.env, ...env, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!stderr.includes(text)) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
      void ended.then(() => reject(new Error(`the command ended without saying "${text}":\n${stderr}`)));
    });
  return { process: child, ended, says };
}

export const runCli = (
  args: readonly string[],
  cwd?: string,
  surroundings?: Surroundings,
): Promise<CliResult> => startCli(args, cwd, surroundings).ended;

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'anant-cli-'));
}

/** A folder with one file in it; returns the path of the file. */
export function fileWith(name: string, contents: string | Uint8Array): string {
  const path = join(emptyFolder(), name);
  writeFileSync(path, contents);
  return path;
}
