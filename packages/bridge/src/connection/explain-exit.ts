/** What the end of a bridge process means, from its exit and its last words. */

import { describeProcessExit, type ProcessExit } from '../process/bridge-process.js';
import type { SessionEnd } from '../session/effect.js';

const MISSING_MODULE = /(?:ModuleNotFoundError|ImportError): (No module named '([\w.]+)'.*|.*)$/m;
/** Lines of output worth repeating in an error. */
const TAIL_LINES_MAX = 8;

/** @param engine name used in the advice, for example `dask` */
export function explainExit(
  exit: ProcessExit,
  engine: string,
  isWelcomed: 'welcomed' | 'not-welcomed',
): SessionEnd {
  const missing = MISSING_MODULE.exec(exit.tail);
  if (isWelcomed === 'not-welcomed' && missing) {
    return {
      code: 'E_ENGINE_NOT_INSTALLED',
      message: `The Python side of "${engine}" is not complete: ${missing[1]}.`,
      advice: `Run \`npx anant setup ${engine}\`.`,
      isFinal: true,
    };
  }
  const tail = exit.tail.split('\n').slice(-TAIL_LINES_MAX).join('\n');
  return {
    code: 'E_BRIDGE_EXITED',
    message: `The bridge process of "${engine}" ${describeProcessExit(exit)}.${tail ? ` Its last output:\n${tail}` : ''}`,
    advice: 'Look at the log of the bridge for the cause; `npx anant doctor` checks the installation.',
    isFinal: false,
  };
}
