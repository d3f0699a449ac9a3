/** Celery on a private Redis, started here by the adapter. */
import { celery } from '@anant/backend-celery';
import { engineConformance } from './support/engine.js';
import { celeryApart } from './support/engines-apart.js';

engineConformance('celery', {
  package: '@anant/backend-celery',
  factory: 'celery',
  create: celery,
  unreachable: 'redis://127.0.0.1:1/0',
  faults: { startApart: () => celeryApart(celery) },
});
