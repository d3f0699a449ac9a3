/** What Dask can do behind the bridge, and why not more. */
import { coreFeatures } from '@anant/bridge/adapter';
import { absent, BUILT_IN_RATINGS, defineManifest, emulated, native } from '@anant/core';

export const manifest = defineManifest({
  features: {
    ...coreFeatures('Dask'),
    'cancel.kill': emulated(
      'Dask cannot stop a running thread: the worker process ends and is replaced; what else it ran ends lost.',
    ),
    priority: emulated(
      "Dask orders each worker's queue and never takes back what waits there: the client orders what it has not handed over.",
    ),
    objects: native(),
    'result-by-reference': native(),
    resources: native(),
    placement: native(),
    'placement.group': absent('Dask has no groups of tasks that know of each other.'),
    'memory-limit': native(),
    'recovery.worker-loss': native(),
    'recovery.control-plane-loss': emulated(
      'Dask keeps no state of its scheduler: open tasks end lost, and the bridge connects anew.',
    ),
  },
  ratings: BUILT_IN_RATINGS.dask,
  payloadBytesMax: 2 ** 31,
});
