import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'adapter/index': 'src/adapter/index.ts',
    'host/index': 'src/host/index.ts',
    'host/main': 'src/host/main.ts',
    'host/control-thread': 'src/host/control-thread.ts',
  },
  format: 'esm',
  target: 'node20',
  dts: false,
  sourcemap: true,
  splitting: false,
});
