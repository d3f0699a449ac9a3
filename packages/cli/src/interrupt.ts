/**
 * Ctrl-C: the first asks the work to stop and lets everything close; the second ends the process at once, however far
 * it has come.
 */
import { AnantError } from '@anant/core';
import { EXIT } from './exit-code.js';

/** @returns a signal that the first Ctrl-C aborts */
export function watchInterrupt(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new AnantError('E_INTERRUPTED', 'Interrupted.'));
    onFirst();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return controller.signal;
}
