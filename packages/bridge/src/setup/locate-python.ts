/** Which Python an engine uses: named by option or environment, made by `anant setup`, or the system's. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface LocateOptions {
  readonly engine: string;
  /** The option `python` of the adapter or of the configuration. */
  readonly python?: string | undefined;
  /** Where the search for `.anant` begins; it goes on upwards. @default the current folder */
  readonly directory?: string | undefined;
  /** @default the process's environment */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
}

export interface LocatedPython {
  /** Path or command. */
  readonly executable: string;
  readonly origin: 'option' | 'ANANT_PYTHON' | 'setup' | 'PATH';
}

const EXECUTABLE = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');

/** Folder of a private environment: `.anant/<engine>`, or `.anant/python` for several engines. */
export const environmentFolder = (directory: string, name: string): string => join(directory, '.anant', name);

export const environmentPython = (folder: string): string => join(folder, EXECUTABLE);

/** Names the first candidate; whether it is usable, `probeEngine` says. */
export function locatePython(options: LocateOptions): LocatedPython {
  const env = options.env ?? process.env;
  if (options.python) return { executable: options.python, origin: 'option' };
  if (env.ANANT_PYTHON) return { executable: env.ANANT_PYTHON, origin: 'ANANT_PYTHON' };
  for (const folder of upwards(resolve(options.directory ?? process.cwd()))) {
    for (const name of [options.engine, 'python']) {
      const executable = environmentPython(environmentFolder(folder, name));
      if (existsSync(executable)) return { executable, origin: 'setup' };
    }
  }
  return { executable: 'python3', origin: 'PATH' };
}

function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}
