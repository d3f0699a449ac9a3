/** Errors as text for a terminal: code, message, advice, then the chain of causes. */
import { AnantError } from './anant-error.js';
import { RemoteError } from './remote-error.js';

export interface FormatErrorOptions {
  /** `traceback` adds the remote traceback of each error that has one. @default 'message' */
  readonly detail?: 'message' | 'traceback';
}

/** Causes shown; a chain that is longer, or runs in a circle, ends there. */
const CAUSES_SHOWN_MAX = 8;

/** Formats anything that was thrown, one fact a line. */
export function formatError(thrown: unknown, options: FormatErrorOptions = {}): string {
  const lines = [headline(thrown)];
  if (AnantError.is(thrown) && thrown.advice !== undefined) lines.push(`  → ${thrown.advice}`);
  lines.push(...tracebackLines(thrown, options));
  let cause = causeOf(thrown);
  // One that was wrapped only to carry more facts says nothing new.
  if (cause !== undefined && headline(cause) === lines[0]) cause = causeOf(cause);
  for (let shown = 0; cause !== undefined; shown++) {
    if (shown === CAUSES_SHOWN_MAX) {
      lines.push('  … and further causes');
      break;
    }
    lines.push(`  caused by ${headline(cause).replaceAll('\n', '\n  ')}`, ...tracebackLines(cause, options));
    cause = causeOf(cause);
  }
  return lines.join('\n');
}

/** `E_LOST: …` for Anant's own errors, `ValueError: …` for a task's, `TypeError: …` for any other. */
function headline(thrown: unknown): string {
  if (RemoteError.is(thrown, 'E_APP_ERROR')) return `${thrown.type}: ${thrown.message}`;
  if (AnantError.is(thrown)) return `${thrown.code}: ${thrown.message}`;
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  try {
    return String(thrown);
  } catch {
    return 'a value that cannot be described';
  }
}

function tracebackLines(thrown: unknown, { detail }: FormatErrorOptions): string[] {
  if (detail !== 'traceback' || !RemoteError.is(thrown) || thrown.traceback === undefined) return [];
  return thrown.traceback.split('\n').map((line) => `    ${line}`);
}

const causeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null ? (thrown as { cause?: unknown }).cause : undefined;
