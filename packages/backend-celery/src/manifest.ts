/** What Celery can do behind the bridge, and why not more. */
import { coreFeatures } from '@anant/bridge/adapter';
import { absent, BUILT_IN_RATINGS, defineManifest, emulated, native } from '@anant/core';

export const manifest = defineManifest({
  features: {
    ...coreFeatures('Celery'),
    'cancel.kill': emulated(
      "Celery's own terminate may hit the next task: the pool process that runs this one ends, and Celery replaces it.",
    ),
    priority: emulated(
      'Celery knows four levels on Redis and none on some brokers: the client orders what it has not handed over.',
    ),
    objects: emulated(
      'Celery has no object store: the bridge keeps objects in the Redis that carries results.',
    ),
    'result-by-reference': emulated('Celery has no object store: the worker writes the result to Redis.'),
    resources: absent('Celery knows queues only; start workers for such tasks on a queue of their own.'),
    placement: absent('Celery cannot choose a worker; start one on a queue of its own.'),
    'placement.group': absent('Celery cannot choose a worker, so it cannot put tasks together or apart.'),
    'memory-limit': absent(
      'Celery looks at memory between tasks only; TypeScript tasks have the limit nodeMemoryBytesMax.',
    ),
    'recovery.worker-loss': native(),
    'recovery.control-plane-loss': native(),
  },
  ratings: BUILT_IN_RATINGS.celery,
  payloadBytesMax: 512 * 2 ** 20,
});
