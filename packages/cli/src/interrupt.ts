/** Ctrl-C: the first asks the work to stop and lets everything close; the second ends the process at once. */
import { AnantError } from '@anant/core';
import { EXIT } from './exit-code.js';

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

export function watchInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new AnantError('E_INTERRUPTED', 'Interrupted.'));
    onFirst();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
