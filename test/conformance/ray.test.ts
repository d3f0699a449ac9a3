/** Ray, started here by the adapter. */
import { ray } from '@anant/backend-ray';
import { engineConformance } from './support/engine.js';
import { rayApart } from './support/engines-apart.js';

engineConformance('ray', {
  package: '@anant/backend-ray',
  factory: 'ray',
  create: ray,
  unreachable: '127.0.0.1:1',
  faults: { startApart: () => rayApart(ray) },
});
