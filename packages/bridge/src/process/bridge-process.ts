/** The Python process behind a spawned bridge: its pipes, its output and its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { AnantError, type Clock, type Logger } from '@anant/core';
import { LineSplitter } from './line-splitter.js';

export interface BridgeProcessOptions {
  /** Python executable. */
  readonly python: string;
  /** Folders put before everything else on the import path of the bridge and of a local engine. */
  readonly importPath: readonly string[];
  readonly endpoint: string;
  /** Folder for the bridge's own files; whoever starts the process removes it. */
  readonly scratch: string;
  /** What the client must present. */
  readonly token: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines it wrote. */
  readonly tail: string;
}

/** After the control pipe closes the bridge has 2 seconds to end itself and its engine. */
const END_GRACE_MS = 2_500;
/** How long a killed process may take to be gone. */
const KILL_GRACE_MS = 2_000;

export class BridgeProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  readonly #process: ChildProcess;
  readonly #clock: Clock;
  readonly #output: LineSplitter;
  #hasExited = false;

  private constructor(process: ChildProcess, options: BridgeProcessOptions) {
    this.#process = process;
    this.#clock = options.clock;
    this.pid = process.pid as number;
    // Both streams are log text; one tail keeps their order.
    this.#output = new LineSplitter((line) => options.logger.debug(line, { pid: this.pid }));
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk: Uint8Array) => this.#output.feed(chunk));
    }
    process.stdin?.on('error', () => {});
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        this.#hasExited = true;
        // Output written just before the end is read in the same turn or the next.
        setImmediate(() => resolve({ code, signal, tail: this.#output.tail }));
      });
    });
  }

  /** @throws AnantError `E_PYTHON_VERSION` when the executable cannot be started */
  static async start(options: BridgeProcessOptions): Promise<BridgeProcess> {
    const process = spawnBridge(options);
    await new Promise<void>((resolve, reject) => {
      process.once('spawn', resolve);
      process.once('error', (cause) =>
        reject(
          new AnantError('E_PYTHON_VERSION', `Python cannot be started: ${cause.message}.`, {
            cause,
            advice:
              'Set the option "python" or ANANT_PYTHON to a Python 3.11 to 3.13, or run `npx anant setup <engine>`.',
            details: { python: options.python },
          }),
        ),
      );
    });
    return new BridgeProcess(process, options);
  }

  /**
   * Ends the bridge: by closing its control pipe, which lets it end its engine, and by SIGKILL when that takes too
   * long; the guards of its engine see that as end-of-file and clean up. Settles when it is gone.
   */
  async end(graceMs = END_GRACE_MS): Promise<void> {
    this.#process.stdin?.end();
    if (!(await this.#isGoneWithin(graceMs))) {
      this.#process.kill('SIGKILL');
      await this.#isGoneWithin(KILL_GRACE_MS);
    }
    for (const stream of this.#process.stdio) stream?.destroy();
  }

  #isGoneWithin(timeoutMs: number): Promise<boolean> {
    if (this.#hasExited) return Promise.resolve(true);
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(timeoutMs, () => resolve(false));
      void this.exited.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}

function spawnBridge(options: BridgeProcessOptions): ChildProcess {
  const given = options.env.PYTHONPATH ?? process.env.PYTHONPATH;
  const path = [...options.importPath, given].filter(Boolean).join(delimiter);
  return spawn(options.python, ['-m', 'anant_bridge', 'spawned', '--bind', options.endpoint], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: a Ctrl-C at the terminal reaches this process only, which then ends the bridge in order.
    detached: true,
    cwd: options.cwd,
    env: {
      ...process.env,
      PYTHONUNBUFFERED: '1',
      ...options.env,
      PYTHONPATH: path,
      ANANT_BRIDGE_SCRATCH: options.scratch,
      ANANT_BRIDGE_TOKEN: options.token,
    },
  });
}

/** How a process ended, for people. */
export function describeProcessExit({ code, signal }: ProcessExit): string {
  return signal ? `was ended by ${signal}` : `exited with code ${code}`;
}
