/** A Redis Stream feeds a live hypergraph; a reader that dies loses nothing. */
import { ingestRedisStream, LiveHypergraph } from '@anant/graph';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await RedisServer.start();
  redis = new Redis(server.url);
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const add = (stream: string, changes: unknown) => redis.xadd(stream, '*', 'changes', JSON.stringify(changes));
const pendingOf = async (stream: string, group: string) =>
  ((await redis.xpending(stream, group)) as [number, ...unknown[]])[0];

it('applies every entry in order and acknowledges it', async () => {
  await using graph = await LiveHypergraph.open();
  for (let at = 0; at < 500; at++)
    await add('changes', { type: 'hyperedge-add', id: at, members: [at, at + 1] });
  await add('changes', [
    { type: 'hyperedge-remove', id: 0 },
    { type: 'vertex-add', id: 'lone' },
  ]);
  const options = {
    stream: 'changes',
    group: 'graph',
    consumer: 'one',
    entriesMax: 64,
    atEnd: 'stop',
  } as const;
  expect(await ingestRedisStream(graph, redis, options)).toMatchObject({ changes: 502 });
  expect(graph.snapshot()).toMatchObject({ hyperedgeCount: 499, vertexCount: 502 });
  expect(await pendingOf('changes', 'graph')).toBe(0);
  expect(await ingestRedisStream(graph, redis, options)).toEqual({ batches: 0, changes: 0 });
});

it('acknowledges entries without changes, and what follows them under its own ids', async () => {
  await using graph = await LiveHypergraph.open();
  await add('gaps', []);
  await add('gaps', { type: 'vertex-add', id: 1 });
  await add('gaps', []);
  const options = { stream: 'gaps', group: 'graph', consumer: 'one', entriesMax: 1, atEnd: 'stop' } as const;
  expect(await ingestRedisStream(graph, redis, options)).toEqual({ batches: 1, changes: 1 });
  expect(await pendingOf('gaps', 'graph')).toBe(0);
});

it('reads again what a reader had read but not made durable', async () => {
  await using graph = await LiveHypergraph.open();
  await add('again', { type: 'vertex-add', id: 1 });
  await redis.xgroup('CREATE', 'again', 'graph', '0');
  await redis.xreadgroup('GROUP', 'graph', 'one', 'COUNT', 10, 'STREAMS', 'again', '>');
  await add('again', { type: 'vertex-add', id: 2 });
  const options = { stream: 'again', group: 'graph', consumer: 'one', atEnd: 'stop' } as const;
  await ingestRedisStream(graph, redis, options);
  expect([...graph.snapshot().vertices()]).toEqual([1, 2]);
  expect(await pendingOf('again', 'graph')).toBe(0);
});

it('waits for new entries until its signal ends it', async () => {
  await using graph = await LiveHypergraph.open();
  const stop = new AbortController();
  const reader = redis.duplicate();
  const done = ingestRedisStream(graph, reader, {
    stream: 'waiting',
    group: 'graph',
    consumer: 'one',
    blockMs: 50,
    signal: stop.signal,
  });
  const batches = graph.changes()[Symbol.asyncIterator]();
  await add('waiting', { type: 'vertex-add', id: 7 });
  expect((await batches.next()).value).toMatchObject({ changes: [{ id: 7 }] });
  stop.abort();
  expect(await done).toEqual({ batches: 1, changes: 1 });
  reader.disconnect();
});

it('names the entry that holds no changes, and leaves it pending', async () => {
  await using graph = await LiveHypergraph.open();
  const entry = await redis.xadd('bad', '*', 'other', 'x');
  const options = { stream: 'bad', group: 'graph', consumer: 'one', atEnd: 'stop' } as const;
  await expect(ingestRedisStream(graph, redis, options)).rejects.toMatchObject({
    code: 'E_GRAPH_INVALID',
    message: expect.stringContaining(`Entry ${entry} of the stream "bad"`),
  });
  expect(await pendingOf('bad', 'graph')).toBe(1);
});
