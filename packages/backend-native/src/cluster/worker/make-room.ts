/** Moves objects of a worker to disk when it is told to, and lets go of the memory they took. */
import { totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Logger } from '@anant/core';
import type { NativeBackend } from '../../embedded/native-backend.js';
import { OVERLOAD_DEFAULTS } from '../../protocol/overload/overload.js';
import type { Measured } from './machine-readings.js';

/** Part of the memory below which a worker that spills wants to come. */
const WANTED_PART = OVERLOAD_DEFAULTS.memory[0];

export function makeRoom(
  backend: NativeBackend,
  { memory }: Measured,
  memoryBytesMax: number | undefined,
  logger: Logger,
): void {
  const bytes = Math.max(0, memory - WANTED_PART) * (memoryBytesMax ?? totalmem());
  try {
    const moved = backend.spillObjects(bytes);
    if (moved === 0) return;
    logger.warn(`Moved ${moved} bytes of objects to disk.`);
    collectGarbage();
  } catch (error) {
    logger.error(`Objects could not be moved to disk: ${(error as Error).message}`);
  }
}

/** Shared memory is given back only when the garbage collector sees that nobody has it. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
