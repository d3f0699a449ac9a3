/** The documented exit codes of the command (`docs/cli.md`), and which error ends with which. */
import { AnantError, type ErrorCode } from '@anant/core';

export const EXIT = {
  ok: 0,
  /** The job ran and failed, or results that must agree differ. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration is wrong. */
  config: 3,
  /** No backend could take the work: not installed, unreachable, or rejected by routing. */
  backend: 4,
  /** An input file is missing or malformed. */
  input: 5,
  /** Interrupted by the user (128 + SIGINT). */
  interrupted: 130,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  E_CONFIG_INVALID: EXIT.config,
  E_CONFIG_NOT_FOUND: EXIT.config,
  E_BACKEND_UNKNOWN: EXIT.config,
  E_BACKEND_NOT_INSTALLED: EXIT.backend,
  E_BACKEND_SPEC: EXIT.backend,
  E_BACKEND_UNAVAILABLE: EXIT.backend,
  E_NO_ROUTE: EXIT.backend,
  E_CAPABILITY_MISSING: EXIT.backend,
  E_ENGINE_NOT_INSTALLED: EXIT.backend,
  E_ENGINE_UNREACHABLE: EXIT.backend,
  E_REDIS_UNREACHABLE: EXIT.backend,
  E_REDIS_REFUSED: EXIT.backend,
  E_PYTHON_VERSION: EXIT.backend,
  E_VERSION_SKEW: EXIT.backend,
  E_FILE_FORMAT: EXIT.input,
  E_FILE_NOT_FOUND: EXIT.input,
  E_GRAPH_INVALID: EXIT.usage,
  E_QUERY_INVALID: EXIT.usage,
  E_INPUT_INVALID: EXIT.usage,
  E_CERTIFICATE_INVALID: EXIT.config,
  E_IDENTITY_REFUSED: EXIT.backend,
  E_INTERRUPTED: EXIT.interrupted,
};

export function exitCodeOf(error: unknown): number {
  return AnantError.is(error) ? (BY_CODE[error.code] ?? EXIT.failed) : EXIT.failed;
}
