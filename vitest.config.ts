import { defineConfig } from 'vitest/config';

/** Limits that end what hangs; speed is not tested here. A machine may be several times slower than the one a test was written on. */
const shared = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' as const };

export default defineConfig({
  test: {
    reporters: ['default'],
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', 'packages/graph/src/kernels/assembly/**'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real engines and processes: one file at a time, so that they do not starve each other.
        test: {
          ...shared,
          name: 'system',
          include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
