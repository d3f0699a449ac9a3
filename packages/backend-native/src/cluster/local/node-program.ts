/** Starts the programs of a cluster as processes of their own, and waits until they say that they are ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
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
    const { address } = await ready(child, options);
    const pid = child.pid as number;
    return { name, pid, started: startOf(pid) ?? '', address };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function ready(child: ChildProcess, { name, logFile, readyMsMax }: ProgramOptions): Promise<ReadyMessage> {
  return new Promise<ReadyMessage>((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(timer);
      reject(
        new AnantError('E_BACKEND_UNAVAILABLE', `The ${name} ${what}.\n${endOf(logFile)}`.trimEnd(), {
          advice: `Its log: ${logFile}`,
        }),
      );
    };
    const timer = setTimeout(() => fail(`was not ready within ${readyMsMax} ms`), readyMsMax);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as ReadyMessage);
    });
  });
}

function endOf(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').slice(-LOG_CHARACTERS_MAX);
  } catch {
    return '';
  }
}
