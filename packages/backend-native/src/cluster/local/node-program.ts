/** Starts the programs of a cluster as processes of their own, and waits until they say that they are ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AnantError } from '@anant/core';
import { startOf } from './process-identity.js';
import type { LocalProcess } from './state-file.js';

export type Program = 'head-main' | 'worker-main';

/** What a program says, once, on its channel. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly address: string;
}

export interface ProgramOptions {
  readonly program: Program;
  /** Names the process among those of its cluster. */
  readonly name: string;
  /** Read by the program from its arguments; must hold no secret. */
  readonly options: object;
  /** Passed in the environment. */
  readonly token: string;
  /** Further secrets, by the variable they are passed in. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly logFile: string;
  readonly readyMsMax: number;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
  /** The process is there; it is not ready yet. */
  readonly onMade?: (made: LocalProcess) => void;
}

export interface StartedProgram extends LocalProcess {
  readonly address: string;
}

const LOG_CHARACTERS_MAX = 2_000;

const programPath = (program: Program): string =>
  createRequire(import.meta.url).resolve(`@anant/backend-native/${program}`);

/** @throws AnantError with the end of its log when it ends, or is not ready in time */
export async function startProgram(options: ProgramOptions): Promise<StartedProgram> {
  const { program, name, directory, logFile, token } = options;
  const log = openSync(logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [programPath(program), JSON.stringify(options.options)], {
      cwd: directory,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...options.secrets, ANANT_CLUSTER_TOKEN: token },
    });
  } finally {
    closeSync(log);
  }
  try {
    const { pid } = child;
    const made = { name, pid: pid ?? 0, started: (pid !== undefined && startOf(pid)) || '' };
    if (pid !== undefined) options.onMade?.(made);
    const { address } = await ready(child, options, logStart);
    return { ...made, address };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function ready(child: ChildProcess, options: ProgramOptions, logStart: number): Promise<ReadyMessage> {
  const { name, logFile, readyMsMax, signal } = options;
  return new Promise<ReadyMessage>((resolve, reject) => {
    const giveUp = (error: unknown) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
      reject(error);
    };
    const interrupt = () => giveUp(signal?.reason);
    const fail = (what: string) =>
      giveUp(
        new AnantError(
          'E_BACKEND_UNAVAILABLE',
          `The process "${name}" ${what}.\n${endOf(logFile, logStart)}`.trimEnd(),
          {
            advice: `Its log: ${logFile}`,
          },
        ),
      );
    signal?.addEventListener('abort', interrupt, { once: true });
    const timer = setTimeout(() => fail(`was not ready within ${readyMsMax} ms`), readyMsMax);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
    child.once('message', (message) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
      resolve(message as ReadyMessage);
    });
  });
}

/** What this start wrote; earlier ones may have written to the same file. */
function endOf(logFile: string, logStart: number): string {
  try {
    return readFileSync(logFile).subarray(logStart).toString('utf8').slice(-LOG_CHARACTERS_MAX);
  } catch {
    return '';
  }
}
