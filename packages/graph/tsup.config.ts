import { defineConfig } from 'tsup';

export default defineConfig({
  // The worker is whole in one file: what its hash covers is what runs.
  entry: { index: 'src/index.ts', 'superstep-worker': 'src/supersteps/worker.ts' },
  format: 'esm',
  target: 'node20',
  dts: false,
  sourcemap: true,
  splitting: false,
});
