/** What the runs on real engines have in common. */
import { fileURLToPath } from 'node:url';
import type { BackendV1 } from '@anant/core';
import { backendConformance, type FaultHarness } from '@anant/core/conformance';
import { afterAll, describe, it } from 'vitest';
import { bridgeFaults } from './bridge-faults.js';
import { writeReport } from './report-file.js';

const MEBIBYTE = 2 ** 20;

/** A small local engine with limits that a test can reach. */
export const localEngine = {
  local: { workers: 2, memoryBytesMax: 768 * MEBIBYTE },
  nodeMemoryBytesMax: 512 * MEBIBYTE,
  payloadBytesMax: 64 * MEBIBYTE,
} as const;

/** An environment in which the Python half has another protocol version. */
const SKEWED = { PYTHONPATH: fileURLToPath(new URL('./skew', import.meta.url)) };

export interface EngineRun {
  /** Package and factory of the adapter. */
  readonly package: string;
  readonly factory: string;
  readonly create: (options: object) => BackendV1;
  /** An address of this engine where nothing listens. */
  readonly unreachable: string;
  /** What only this engine can break. */
  readonly faults?: FaultHarness;
}

/** Registers a conformance run, or one skipped test that says why there is none. */
export function engineConformance(name: string, run: EngineRun): void {
  if (!process.env.ANANT_PYTHON) {
    describe.skip(`${name} (skipped: ANANT_PYTHON names no interpreter with anant-bridge and ${name})`, () => {
      it('runs the conformance kit', () => {});
    });
    return;
  }
  describe(name, () => {
    backendConformance({
      it,
      describe,
      after: afterAll,
      create: () => run.create(localEngine),
      freshIn: ['traced'],
      faults: {
        ...bridgeFaults({ package: run.package, factory: run.factory, options: localEngine }),
        createUnreachable: () => run.create({ address: run.unreachable }),
        createSkewed: () => run.create({ ...localEngine, env: SKEWED }),
        ...run.faults,
      },
      report: writeReport,
    });
  });
}
