/** Holds a lock in a process of its own, and writes under its token when told: for a test that stops the process. */
import {
  Locks,
  MemoryEpochStore,
  RedisLeaseStore,
  RedisLink,
  SharedState,
} from '@anant/backend-native/redis';

const link = await RedisLink.open({ urls: [process.argv[2]] });
const locks = new Locks(new RedisLeaseStore(link, new MemoryEpochStore(), 'zombie'), { nodeId: 'zombie' });
const lock = await locks.acquire('job', { ttlMs: 1_000, waitMs: 20_000 });
const state = new SharedState(link, 'zombie');
await state.set('result', 'begun', { token: lock.token });
process.on('message', async () => {
  // It does not look at its signal first, as a thread that was stopped just before the write would not.
  const { type } = await state.set('result', 'late', { token: lock.token });
  process.send({ type, aborted: lock.signal.aborted });
});
process.send({ token: lock.token });
