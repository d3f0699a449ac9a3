/** A logger for processes of a cluster that run in the command itself. */
import type { Logger } from '@anant/core';

/** @param level `all` or only what somebody should look at */
export function noteLogger(say: (message: string) => void, level: 'all' | 'problems'): Logger {
  const info = level === 'all' ? say : () => {};
  const logger: Logger = { debug: () => {}, info, warn: say, error: say, child: () => logger };
  return logger;
}
