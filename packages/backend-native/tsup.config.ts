import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'cluster/journal/index': 'src/cluster/journal/index.ts',
    'cluster/journal/journal-thread': 'src/cluster/journal/journal-thread.ts',
    'cluster/journal/check-main': 'src/cluster/journal/check-main.ts',
    'protocol/scheduler/index': 'src/protocol/scheduler/index.ts',
    'cluster/gossip/index': 'src/cluster/gossip/index.ts',
    'simulator/index': 'src/simulator/index.ts',
    'broker/index': 'src/broker/index.ts',
    'cluster/local/local-cluster-state': 'src/cluster/local/local-cluster-state.ts',
    'cluster/cache/index': 'src/cluster/cache/index.ts',
    'cluster/redis/index': 'src/cluster/redis/index.ts',
    'cluster/index': 'src/cluster/index.ts',
    'cluster/head-main': 'src/cluster/head-main.ts',
    'cluster/worker-main': 'src/cluster/worker-main.ts',
    'cluster/security/index': 'src/cluster/security/index.ts',
    'embedded/thread/thread-main': 'src/embedded/thread/thread-main.ts',
    'embedded/python/python-task': 'src/embedded/python/python-task.ts',
  },
  format: 'esm',
  target: 'node20',
  dts: false,
  sourcemap: true,
  splitting: false,
  // The cluster is loaded when it is used: its own subpath stays an import.
  external: ['@anant/backend-native/cluster', '@anant/backend-native/security'],
});
