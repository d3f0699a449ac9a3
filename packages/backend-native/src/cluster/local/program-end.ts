/** The last words of a program of the cluster: an error that nothing caught is in its log before it ends. */
import type { Logger } from '@anant/core';

/** Unlike 1, which says that it could not start: a fault of the program itself. sysexits.h calls it EX_SOFTWARE. */
export const CRASH_EXIT_CODE = 70;

/** Errors and rejections that nothing caught end the process, as they would anyway, but not silently. */
export function logCrashes(logger: Logger): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logger.error(`It ends by an error that nothing caught (${origin}): ${text}`);
    process.exit(CRASH_EXIT_CODE);
  });
}
