/** The base of every error Anant raises. Wrong arguments by a programmer throw plain `TypeError` instead. */
import type { ErrorCode } from './codes.js';

const BRAND = Symbol.for('anant.error');

export interface AnantErrorOptions {
  readonly cause?: unknown;
  /** What to do about it, in one sentence. */
  readonly advice?: string;
  /** Whether trying again later may help. Default `false`. */
  readonly retryable?: boolean;
  /** Facts for programs: paths, ids, expected and actual values. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export class AnantError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly [BRAND] = true;
  readonly code: Code;
  readonly advice: string | undefined;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: AnantErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'AnantError';
    this.code = code;
    this.advice = options.advice;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }

  /** `AnantError [E_LOST]: …`; `formatError` has the advice and the causes too. */
  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  /** True for errors of any installed copy of Anant; with `code`, only for that code. */
  static is<Wanted extends ErrorCode>(value: unknown, code?: Wanted): value is AnantError<Wanted> {
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
    return code === undefined || (value as AnantError).code === code;
  }
}
