/** Dask, started here by the adapter; its control plane is tried on a cluster that runs apart. */
import { dask } from '@anant/backend-dask';
import { engineConformance } from './support/engine.js';
import { daskApart } from './support/engines-apart.js';

engineConformance('dask', {
  package: '@anant/backend-dask',
  factory: 'dask',
  create: dask,
  unreachable: 'tcp://127.0.0.1:1',
  faults: { startApart: () => daskApart(dask) },
});
