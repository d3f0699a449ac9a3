/** Locks, leadership, shared state and events on a real Redis: lost answers, kills, pauses, lost data. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareTokens,
  EventLog,
  FenceGate,
  type FencingToken,
  FileEpochStore,
  LeaderElection,
  type Leadership,
  Locks,
  MemoryEpochStore,
  QuorumEpochStore,
  RedisLeaseStore,
  RedisLink,
  redisScript,
  SharedState,
} from '@anant/backend-native/redis';
import { eventually, seededRandom } from '@anant/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LossyProxy, RedisServer } from '../support/redis-server.js';

let server: RedisServer;
const links: RedisLink[] = [];

async function open(url = server.url): Promise<RedisLink> {
  const link = await RedisLink.open({ urls: [url] });
  links.push(link);
  return link;
}

beforeAll(async () => {
  server = await RedisServer.start();
});
afterEach(() => {
  for (const link of links.splice(0)) link.close();
});
afterAll(() => server.stop());

describe('a call', () => {
  const ECHO = redisScript('read', 'return ARGV[1]');
  const COUNT = redisScript('write', `return redis.call('INCR', KEYS[1])`);

  it('runs scripts, also after the server forgot them', async () => {
    const link = await open();
    expect(await link.run(ECHO, [], ['hello'], { timeoutMs: 20_000 })).toBe('hello');
    await server.command('SCRIPT', 'FLUSH');
    expect(await link.run(ECHO, [], ['again'], { timeoutMs: 20_000 })).toBe('again');
  });

  it('says what Redis refused', async () => {
    const link = await open();
    await server.command('SET', 'text', 'no number');
    await expect(link.run(COUNT, ['text'], [], { timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'E_REDIS_REFUSED',
      message: expect.stringMatching(/not an integer/),
    });
  });

  it('settles by its deadline while the server is stopped, and says whether it may have happened', async () => {
    const link = await open();
    await link.run(ECHO, [], ['warm'], { timeoutMs: 20_000 });
    server.pause();
    const startMs = performance.now();
    const write = link.run(COUNT, ['paused'], [], { timeoutMs: 700 }).catch((error) => error.code);
    const read = link.run(ECHO, [], ['x'], { timeoutMs: 700 }).catch((error) => error.code);
    expect(await Promise.all([write, read])).toEqual(['E_OUTCOME_UNKNOWN', 'E_REDIS_UNREACHABLE']);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(link.openCalls).toBe(0);
    server.resume();
    expect(await link.run(ECHO, [], ['back'], { timeoutMs: 10_000 })).toBe('back');
  });

  it('gives up on a port where nobody listens', async () => {
    const link = await open('redis://127.0.0.1:1');
    await expect(link.run(COUNT, ['k'], [], { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'E_REDIS_UNREACHABLE',
    });
  });
});

describe('lost answers', () => {
  it('never make a write happen twice, nor leave a call pending', async () => {
    const proxy = await LossyProxy.start(server.port);
    const random = seededRandom(11);
    const link = await open(`redis://127.0.0.1:${proxy.port}`);
    const state = new SharedState(link, 'lossy');
    const events = new EventLog(link, 'lossy');
    await state.set('warm', 'up');
    proxy.losesAnswer = () => (random() < 0.3 ? 'lose' : 'pass');
    let version: string | undefined;
    for (let count = 1; count <= 60; count++) {
      // Without the operation id, a swap whose first answer was lost would see its own write as a conflict.
      const outcome = await state.compareAndSet('counter', version, `${count}`, { timeoutMs: 30_000 });
      expect(outcome.type, `${count}`).toBe('written');
      version = (outcome as { version: string }).version;
      await events.publish('log', `${count}`, { timeoutMs: 30_000 });
    }
    proxy.losesAnswer = () => 'pass';
    expect((await state.get('counter', { timeoutMs: 30_000 }))?.value).toBe('60');
    expect(await server.command('XLEN', 'anant:{lossy/events/log}')).toBe(60);
    expect(proxy.lost).toBeGreaterThan(15);
    expect(link.openCalls).toBe(0);
    proxy.stop();
  });
});

describe('locks', () => {
  it('are held by one, with growing tokens, and passed on when released', async () => {
    const locks = new Locks(new RedisLeaseStore(await open(), new MemoryEpochStore(), 'locks'), {
      nodeId: 'n',
    });
    const first = await locks.acquire('job');
    await expect(locks.acquire('job')).rejects.toMatchObject({
      code: 'E_LEASE_HELD',
      message: expect.stringMatching(/held by n\//),
    });
    const waiting = locks.acquire('job', { waitMs: 20_000 });
    await first.release();
    const second = await waiting;
    expect(compareTokens(first.token, second.token)).toBeLessThan(0);
    await second.release();
    const value = await locks.run('job', { waitMs: 20_000 }, async ({ token }) => token);
    expect(compareTokens(second.token, value)).toBeLessThan(0);
  });

  it('are aborted by the own clock while the server is stopped, without its answer', async () => {
    const locks = new Locks(new RedisLeaseStore(await open(), new MemoryEpochStore(), 'paused'), {
      nodeId: 'n',
    });
    const lock = await locks.acquire('job', { ttlMs: 1_200 });
    server.pause();
    await eventually(() => lock.signal.aborted, 10_000);
    server.resume();
    expect(lock.signal.reason).toMatchObject({ code: 'E_LEASE_LOST', details: { reason: 'expired' } });
    const next = await locks.acquire('job', { waitMs: 20_000 });
    expect(compareTokens(lock.token, next.token)).toBeLessThan(0);
    await next.release();
  });
});

it('a process that was stopped with a lock and goes on writes nothing', async () => {
  const holder = fork(join(import.meta.dirname, 'lock-holder.mjs'), [server.url]);
  try {
    const [{ token }] = (await once(holder, 'message')) as [{ token: FencingToken }];
    holder.kill('SIGSTOP');
    const locks = new Locks(new RedisLeaseStore(await open(), new MemoryEpochStore(), 'zombie'), {
      nodeId: 'n',
    });
    const lock = await locks.acquire('job', { waitMs: 20_000 });
    expect(compareTokens(token, lock.token)).toBeLessThan(0);
    const state = new SharedState(await open(), 'zombie');
    expect((await state.set('result', 'mine', { token: lock.token })).type).toBe('written');
    holder.send('write');
    holder.kill('SIGCONT');
    const [outcome] = await once(holder, 'message');
    expect(outcome).toMatchObject({ type: 'stale' });
    expect((await state.get('result'))?.value).toBe('mine');
    await lock.release();
  } finally {
    holder.kill('SIGKILL');
  }
});

describe('fencing tokens', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  async function epochFile(): Promise<FileEpochStore> {
    const folder = await mkdtemp(join(tmpdir(), 'anant-epoch-'));
    folders.push(folder);
    return new FileEpochStore(join(folder, 'epoch'));
  }

  it.each([
    ['FLUSHALL', () => server.command('FLUSHALL')],
    [
      'kill -9 and restart without data',
      async () => {
        await server.kill();
        await server.run();
      },
    ],
  ])('grow across %s; the old holder loses its lock and its writes are refused', async (_, disaster) => {
    const locks = new Locks(new RedisLeaseStore(await open(), await epochFile(), 'survive'), { nodeId: 'n' });
    const gate = new FenceGate();
    const old = await locks.acquire('job', { ttlMs: 1_500, waitMs: 20_000 });
    expect(gate.check(old.token)).toBe('accepted');
    await disaster();
    const startMs = performance.now();
    const next = await locks.acquire('job', { ttlMs: 1_500, waitMs: 60_000 });
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(next.token.epoch).toBeGreaterThan(old.token.epoch);
    expect(gate.check(next.token)).toBe('accepted');
    expect(gate.check(old.token)).toBe('stale');
    await eventually(() => old.signal.aborted, 10_000);
    await next.release();
  });

  it('grow across a kill -9 after which the log brings all data back', async () => {
    const durable = await RedisServer.start(['--appendonly', 'yes', '--appendfsync', 'always']);
    const locks = new Locks(new RedisLeaseStore(await open(durable.url), await epochFile(), 'log'), {
      nodeId: 'n',
    });
    const old = await locks.acquire('job', { waitMs: 20_000 });
    await durable.kill();
    await durable.run();
    await expect(locks.acquire('job')).rejects.toMatchObject({ code: 'E_LEASE_HELD' });
    await old.release();
    const next = await locks.acquire('job', { waitMs: 20_000 });
    expect(next.token.epoch).toBeGreaterThan(old.token.epoch);
    await next.release();
    await durable.stop();
  });

  it('grow across a restart of everything: the epoch is in a file', async () => {
    const file = await epochFile();
    const before = new Locks(new RedisLeaseStore(await open(), file, 'all'), { nodeId: 'a' });
    const old = await before.acquire('job', { waitMs: 5_000 });
    await server.kill();
    await server.run();
    const after = new Locks(new RedisLeaseStore(await open(), file, 'all'), { nodeId: 'b' });
    const next = await after.acquire('job', { waitMs: 20_000 });
    expect(next.token.epoch).toBeGreaterThan(old.token.epoch);
    await next.release();
    await old.release();
  });

  it('come from a store that refuses to guess', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'anant-epoch-'));
    folders.push(folder);
    await writeFile(join(folder, 'epoch'), 'seven');
    await expect(new FileEpochStore(join(folder, 'epoch')).read()).rejects.toMatchObject({
      code: 'E_FILE_FORMAT',
    });
  });

  it('survive the loss of a minority of epoch stores', async () => {
    const dead = {
      read: () => Promise.reject(new Error('gone')),
      raise: () => Promise.reject(new Error('gone')),
    };
    const stores = [new MemoryEpochStore(), new MemoryEpochStore(), new MemoryEpochStore()];
    await new QuorumEpochStore([stores[0]!, stores[1]!, dead]).raise(7);
    expect(await new QuorumEpochStore([dead, stores[1]!, stores[2]!]).read()).toBe(7);
    await expect(new QuorumEpochStore([dead, dead, stores[0]!]).read()).rejects.toMatchObject({
      code: 'E_BACKEND_UNAVAILABLE',
    });
  });
});

describe('leadership', () => {
  it('passes on under a higher epoch: by stop, by a lost store, and to nobody twice', async () => {
    const epochs = new MemoryEpochStore();
    const terms: number[] = [];
    const elect = async (nodeId: string) => {
      const election: LeaderElection = new LeaderElection(new RedisLeaseStore(await open(), epochs, 'lead'), {
        nodeId,
        ttlMs: 1_200,
        onChange: (now: Leadership) => {
          if (now.type === 'leader') terms.push(now.epoch);
        },
      });
      election.start();
      return election;
    };
    const first = await elect('head-1');
    await eventually(() => first.current.type === 'leader');
    const second = await elect('head-2');
    await eventually(() => (second.current as { leader?: string }).leader === 'head-1');
    await first.stop();
    await eventually(() => second.current.type === 'leader');
    await server.command('FLUSHALL');
    await eventually(() => terms.length >= 3 && second.current.type === 'leader');
    await second.stop();
    expect(terms).toEqual([...new Set(terms)].sort((left, right) => left - right));
  });
});

describe('shared state', () => {
  it('compares versions and tokens', async () => {
    const state = new SharedState(await open(), 'state');
    expect(await state.get('k')).toBeUndefined();
    const first = await state.compareAndSet('k', undefined, 'one');
    expect(first.type).toBe('written');
    expect(await state.compareAndSet('k', undefined, 'two')).toMatchObject({ type: 'conflict' });
    const { version } = (await state.get('k'))!;
    expect(await state.compareAndSet('k', version, 'two', { token: { epoch: 2, counter: 5 } })).toMatchObject(
      {
        type: 'written',
      },
    );
    expect(await state.set('k', 'late', { token: { epoch: 2, counter: 4 } })).toEqual({
      type: 'stale',
      highest: { epoch: 2, counter: 5 },
    });
    expect(await state.set('k', 'same', { operation: 'op-1' })).toEqual({ type: 'written', version: 'op-1' });
    await state.set('k', 'other');
    expect(await state.set('k', 'same', { operation: 'op-1' })).toEqual({ type: 'written', version: 'op-1' });
    expect((await state.get('k'))?.value).toBe('other');
    await state.delete('k');
    expect(await state.get('k')).toBeUndefined();
    // The token outlives the value.
    expect((await state.set('k', 'late', { token: { epoch: 1, counter: 9 } })).type).toBe('stale');
    await expect(state.set('a{b}', 'x')).rejects.toThrow(TypeError);
    await expect(state.set('big', 'x'.repeat(2_000_000))).rejects.toMatchObject({
      code: 'E_PAYLOAD_TOO_LARGE',
    });
  });
});

describe('events', () => {
  it('reach every group once published, and come again when their consumer died', async () => {
    const log = new EventLog(await open(), 'events');
    for (const event of ['a', 'b', 'c']) await log.publish('s', event);
    const id = await log.publish('s', 'd', { operation: 'once' });
    expect(await log.publish('s', 'd', { operation: 'once' })).toBe(id);
    const dying = log.subscribe('s', { group: 'g', consumer: 'one', from: 'first' });
    expect((await dying.next()).value).toMatchObject({ event: 'a', deliveries: 1 });
    expect((await dying.next()).value).toMatchObject({ event: 'b' });
    // Left with b taken and not acknowledged.
    await dying.return();
    const seen: string[] = [];
    const abort = new AbortController();
    for await (const { event, deliveries } of log.subscribe('s', {
      group: 'g',
      consumer: 'two',
      idleMs: 0,
      signal: abort.signal,
    })) {
      seen.push(`${event}${deliveries > 1 ? '!' : ''}`);
      if (seen.length === 3) abort.abort();
    }
    expect(seen).toEqual(['b!', 'c!', 'd!']);
    const other: string[] = [];
    for await (const { event } of log.subscribe('s', { group: 'h', consumer: 'x', from: 'first' })) {
      other.push(event);
      if (other.length === 4) break;
    }
    expect(other).toEqual(['a', 'b', 'c', 'd']);
  });

  it('go on after the server lost everything', async () => {
    const log = new EventLog(await open(), 'gone');
    await log.publish('s', 'before');
    const events = log.subscribe('s', { group: 'g', consumer: 'c', from: 'first' });
    expect((await events.next()).value).toMatchObject({ event: 'before' });
    const next = events.next();
    await server.kill();
    await server.run();
    await log.publish('s', 'after', { timeoutMs: 20_000 });
    expect((await next).value).toMatchObject({ event: 'after' });
    await events.return();
  });
});
