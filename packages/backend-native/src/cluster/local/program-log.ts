/** How the programs of a cluster log: one line with the time, to where `up` sends it. */
import type { Logger } from '@anant/core';

export function programLogger(name: string): Logger {
  const line = (level: string) => (message: string) => {
    process.stdout.write(`${new Date().toISOString()} ${name} ${level}: ${message}\n`);
  };
  const logger: Logger = {
    debug: () => {},
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => logger,
  };
  return logger;
}
