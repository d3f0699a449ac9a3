/** Python tasks as host calls: one Node child with one interpreter per slot, started by pythonia inside it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type HostCall,
  type HostChildOptions,
  type HostEnd,
  locatePython,
  pythonImportPath,
} from '@anant/bridge/host';
import {
  type AttemptOutcome,
  type Clock,
  type Logger,
  moduleVersion,
  type PythonReference,
  type TypeScriptReference,
} from '@anant/core';
import { decodeValue, type EncodedValue, encodeValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import type { HostAdapter } from '../host/host-adapter.js';
import { hostFailure } from '../host/typescript-adapter.js';
import type { ResolvedOptions } from '../options.js';
import { encodeInput, type PreparedInput } from '../prepared-input.js';
import { PYTHON_SETTINGS, type PythonCall, type PythonPayload, type PythonSettings } from './python-call.js';
import { PythonSpool } from './python-spool.js';

/** Environments that `anant setup` makes, the plainest first: any of them has what Python tasks need. */
const ENVIRONMENTS = ['python', 'dask', 'ray', 'celery'];
/** Room for what surrounds a payload. */
const ENVELOPE_BYTES = 1_048_576;
const NOT_INSTALLED = ['E_ENGINE_NOT_INSTALLED', 'E_PYTHON_VERSION'];
const ADVICE = 'Run `npx anant setup python`, or name a Python that has anant-bridge by ANANT_PYTHON.';

/** The Python that options, environment or `anant setup` name; `undefined` when there is none. */
export function findPython(executable: string | undefined, directory: string): string | undefined {
  for (const engine of ENVIRONMENTS) {
    const found = locatePython({ engine, python: executable, directory });
    const isMissing = isAbsolute(found.executable) && !existsSync(found.executable);
    if (found.origin !== 'PATH' && !isMissing) return found.executable;
  }
  return undefined;
}

export interface PythonHostOptions {
  readonly executable: string;
  readonly resolved: ResolvedOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PythonHost implements HostAdapter {
  readonly startsWith = 'sign-of-life';
  readonly #options: PythonHostOptions;
  #spool: PythonSpool | undefined;
  #calls = 0;
  readonly #prefixes = new Map<Attempt, string>();

  constructor(options: PythonHostOptions) {
    this.#options = options;
  }

  /** How to start a child; its interpreter starts with the first call. */
  childOptions(): HostChildOptions {
    const { executable, resolved, clock, logger } = this.#options;
    const { python, payloadBytesMax } = resolved;
    const settings: PythonSettings = {
      directory: this.#openSpool().directory,
      memoryBytesMax: python.memoryBytesMax,
      payloadBytesMax,
    };
    const path = [...python.path, pythonImportPath(), process.env.PYTHONPATH];
    return {
      payloadBytesMax: payloadBytesMax + ENVELOPE_BYTES,
      clock,
      logger,
      env: {
        ...process.env,
        PYTHON_BIN: executable,
        PYTHONPATH: path.filter(Boolean).join(delimiter),
        PYTHONUNBUFFERED: '1',
        [PYTHON_SETTINGS]: JSON.stringify(settings),
      },
    };
  }

  callOf(attempt: Attempt, input: PreparedInput): HostCall | Promise<HostCall> {
    const { id, attempt: number, definition, options, actor } = attempt.envelope;
    const identity = { id, attempt: number, isStream: options.output === 'stream' };
    const prefix = this.#newPrefix();
    this.#prefixes.set(attempt, prefix);
    const kind = actor ? 'method' : 'task';
    return this.#makeCall(identity, definition as PythonReference, encodeInput(input), {
      kind,
      method: actor?.method ?? '',
      prefix,
    });
  }

  /** The call that makes an actor's instance. */
  constructCall(id: string, definition: PythonReference, input: unknown): HostCall | Promise<HostCall> {
    const identity = { id: `actor:${id}`, attempt: 1, isStream: false };
    return this.#makeCall(identity, definition, encodeValue(input, 'input'), {
      kind: 'construct',
      method: '',
      prefix: this.#newPrefix(),
    });
  }

  valueOf(_attempt: Attempt, value: EncodedValue): EncodedValue | Promise<EncodedValue> {
    return this.#openSpool().load(decodeValue(value.body, value.buffers) as PythonPayload);
  }

  failureOf(attempt: Attempt, end: Exclude<HostEnd, { status: 'ok' }>): AttemptOutcome {
    const prefix = this.#prefixes.get(attempt);
    if (prefix) this.#spool?.discard(prefix);
    return pythonFailure(end);
  }

  forget(attempt: Attempt): void {
    this.#prefixes.delete(attempt);
  }

  /** Deletes the shared directory; no child may run any more. */
  stop(): void {
    this.#spool?.remove();
    this.#spool = undefined;
  }

  #newPrefix(): string {
    this.#calls += 1;
    return `c${this.#calls}-`;
  }

  #openSpool(): PythonSpool {
    this.#spool ??= new PythonSpool();
    return this.#spool;
  }

  #makeCall(
    { id, attempt, isStream }: { readonly id: string; readonly attempt: number; readonly isStream: boolean },
    { target, version }: PythonReference,
    input: EncodedValue,
    how: Pick<PythonCall, 'kind' | 'method' | 'prefix'>,
  ): HostCall | Promise<HostCall> {
    const withPayload = (payload: PythonPayload): HostCall => {
      const call: PythonCall = { ...how, target, version, payload };
      const definition = isStream ? programOf('streamPython') : programOf('callPython');
      return { id, attempt, definition, value: encodeValue(call), output: isStream ? 'stream' : 'value' };
    };
    const payload = this.#openSpool().store(input, how.prefix);
    return payload instanceof Promise ? payload.then(withPayload) : withPayload(payload);
  }
}

/** A Python that cannot run tasks at all refuses them. */
export function pythonFailure(end: Exclude<HostEnd, { status: 'ok' }>): AttemptOutcome {
  if (end.status !== 'app-error' || !NOT_INSTALLED.includes(end.error.code ?? '')) return hostFailure(end);
  return { status: 'refused', code: end.error.code!, reason: end.error.message, advice: ADVICE };
}

const programs = new Map<string, TypeScriptReference>();

/** The program of a Python child, as the task that its host child runs. */
function programOf(exported: 'callPython' | 'streamPython'): TypeScriptReference {
  let program = programs.get(exported);
  if (!program) {
    const path = createRequire(import.meta.url).resolve('@anant/backend-native/python-task');
    const module = pathToFileURL(path).href;
    program = {
      kind: 'typescript',
      name: exported,
      module,
      export: exported,
      version: moduleVersion(module),
    };
    programs.set(exported, program);
  }
  return program;
}
