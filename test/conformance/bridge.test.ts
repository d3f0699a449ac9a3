/** The bridge with its own pool of processes and no engine installed: what every adapter stands on. */
import { backendConformance } from '@anant/core/conformance';
import { afterAll, describe, it } from 'vitest';
import { bridgeFaults } from './support/bridge-faults.js';
import { createBackend } from './support/bridge-local.mjs';
import { writeReport } from './support/report-file.js';

const { ANANT_PYTHON } = process.env;
const title = ANANT_PYTHON ? 'bridge' : 'bridge (skipped: ANANT_PYTHON names no interpreter)';

describe.skipIf(!ANANT_PYTHON)(title, () => {
  const program = {
    package: new URL('./support/bridge-local.mjs', import.meta.url).href,
    factory: 'createBackend',
  };
  backendConformance({
    it,
    describe,
    after: afterAll,
    create: () => createBackend(),
    faults: bridgeFaults({ ...program, options: {} }),
    report: writeReport,
  });
});
