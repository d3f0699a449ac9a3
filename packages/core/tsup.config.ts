import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'codec/index': 'src/codec/index.ts',
    'config/index': 'src/config/index.ts',
    'conformance/index': 'src/conformance/index.ts',
    'conformance/fixtures': 'src/conformance/fixtures.ts',
    'conformance/declared-fixture': 'src/conformance/declared-fixture.ts',
    'gpu/index': 'src/gpu/index.ts',
    'gpu/probe-main': 'src/gpu/probe-main.ts',
    'testing/index': 'src/testing/index.ts',
  },
  format: 'esm',
  target: 'node20',
  dts: false,
  sourcemap: true,
  // Shared chunks keep one copy of each class across the entries; brands are for copies across installs.
  splitting: true,
});
