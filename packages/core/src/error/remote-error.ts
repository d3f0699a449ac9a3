/** An error raised on a worker, as the caller sees it. Nothing of the remote side is revived but its words. */
import { AnantError, type AnantErrorOptions } from './anant-error.js';
import type { ErrorCode } from './codes.js';

const BRAND = Symbol.for('anant.remote-error');

export interface RemoteErrorOptions extends AnantErrorOptions {
  readonly type: string;
  readonly traceback?: string | undefined;
}

export class RemoteError<Code extends ErrorCode = ErrorCode> extends AnantError<Code> {
  readonly [BRAND] = true;
  /** Class name on the worker, for example `ValueError`. */
  readonly type: string;
  /** The remote stack or traceback, as text. */
  readonly traceback: string | undefined;

  constructor(code: Code, message: string, options: RemoteErrorOptions) {
    super(code, message, options);
    this.name = 'RemoteError';
    this.type = options.type;
    this.traceback = options.traceback;
  }

  /** True for remote errors of any installed copy of Anant; with `code`, only for that code. */
  static override is<Wanted extends ErrorCode>(value: unknown, code?: Wanted): value is RemoteError<Wanted> {
    return AnantError.is(value, code) && BRAND in value;
  }
}
