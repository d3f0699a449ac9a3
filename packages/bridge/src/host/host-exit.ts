/** Why a host child ended, in words and in the terms of an outcome. */
import type { HostEnd } from './host-call.js';

export interface HostExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines of its standard error. */
  readonly tail: string;
}

const ABORT_EXIT_CODE = 134;

/** A child over its memory limit ends by SIGABRT: V8 does so itself, and the control thread does so by agreement. */
export function isOutOfMemory(exit: HostExit, memoryBytesMax: number | undefined): boolean {
  const isAborted = exit.signal === 'SIGABRT' || exit.code === ABORT_EXIT_CODE;
  return isAborted && (memoryBytesMax !== undefined || exit.tail.includes('heap out of memory'));
}

export function describeExit(exit: HostExit, memoryBytesMax: number | undefined): string {
  if (isOutOfMemory(exit, memoryBytesMax)) {
    const limit = memoryBytesMax === undefined ? '' : ` of ${Math.round(memoryBytesMax / 2 ** 20)} MiB`;
    return `the host process exceeded its memory limit${limit}`;
  }
  if (exit.signal) return `the host process was ended by ${exit.signal}`;
  return `the host process exited with code ${exit.code}`;
}

/** The end of the call that was open when the child ended. */
export function lostBy(exit: HostExit, memoryBytesMax: number | undefined): HostEnd {
  return {
    status: 'lost',
    reason: `While it ran the task, ${describeExit(exit, memoryBytesMax)}.`,
    started: 'yes',
    suspect: true,
    code: isOutOfMemory(exit, memoryBytesMax) ? 'E_OUT_OF_MEMORY' : 'E_WORKER_EXITED',
  };
}
