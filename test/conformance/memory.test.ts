/** The in-memory reference backend keeps every clause it can be asked for. */
import { backendConformance, type FaultHarness } from '@anant/core/conformance';
import { type MemoryBackend, memoryBackend } from '@anant/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { writeReport } from './support/report-file.js';

const faultsOf = (backend: unknown): FaultHarness => {
  if (backend === undefined) return {};
  const { faults } = backend as MemoryBackend;
  return {
    async loseObject(id) {
      faults.loseObject(id);
    },
    async killBridge() {
      faults.goDown('its bridge was killed');
      setImmediate(() => faults.comeUp());
    },
  };
};

describe('memory', () => {
  backendConformance({
    it,
    describe,
    after: afterAll,
    create: () => memoryBackend(),
    faults: faultsOf,
    deadlineMs: 10_000,
    report(report) {
      writeReport(report);
      expect(report.counts.failed).toBe(0);
    },
  });
});
