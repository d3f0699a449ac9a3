/** Dask, started here by the adapter; its control plane is tried on a cluster that runs apart. */
import { dask } from '@anant/backend-dask';
import { engineConformance } from './support/engine.js';
import { daskApart } from './support/engines-apart.js';
import { descendantsOf, signal, survivors } from './support/processes.js';

/** Worker processes of the local cluster, which its nannies start anew. */
const WORKER = /multiprocessing\.(spawn|forkserver) import (spawn_main|main)/;

engineConformance('dask', {
  package: '@anant/backend-dask',
  factory: 'dask',
  create: dask,
  unreachable: 'tcp://127.0.0.1:1',
  faults: {
    startApart: () => daskApart(dask),
    async loseObject() {
      // Objects lie in the memory of the workers: with all of them it is gone.
      const workers = descendantsOf(process.pid).filter(({ command }) => WORKER.test(command));
      if (workers.length === 0) throw new Error('No Dask worker runs below this process.');
      for (const { pid } of workers) signal(pid, 'SIGKILL');
      await survivors(
        workers.map(({ pid }) => pid),
        5000,
      );
    },
  },
});
