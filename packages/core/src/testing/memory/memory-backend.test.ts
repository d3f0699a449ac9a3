import { afterAll, describe, it } from 'vitest';
import { backendConformance } from '../../conformance/index.js';
import { AnantError } from '../../error/index.js';
import { type MemoryBackend, memoryBackend } from './memory-backend.js';

/** A backend whose start fails the way it does when its engine is not there. */
function unreachable(): MemoryBackend {
  const backend = memoryBackend();
  backend.faults.startError = new AnantError('E_ENGINE_UNREACHABLE', 'Nothing listens there.', {
    advice: 'Start the engine.',
  });
  return backend;
}

backendConformance({
  it,
  describe,
  after: afterAll,
  create: () => memoryBackend(),
  faults: (backend) => ({
    loseObject: async (id) => (backend as MemoryBackend).faults.loseObject(id),
    killBridge: async () => {
      const { faults } = backend as MemoryBackend;
      faults.goDown('its bridge was killed');
      queueMicrotask(() => faults.comeUp());
    },
    createUnreachable: unreachable,
  }),
});
