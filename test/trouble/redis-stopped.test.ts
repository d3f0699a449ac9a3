/** Two heads whose Redis stands still, or is gone for a while and comes back empty: nothing acknowledged is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { afterEach, expect, it } from 'vitest';
import { slowDouble } from '../cluster/cluster-tasks.js';
import { RedisServer } from '../support/redis-server.js';
import { TestHeads } from '../support/test-heads.js';

const LIMIT_MS = 240_000;
/** Longer than the leader's lease; ANANT_STOP_SECONDS=60 makes it the long run. */
const STOP_MS = Number(process.env.ANANT_STOP_SECONDS ?? 4) * 1_000;
const TASKS = 150;
const RETRY = { mode: 'async', retry: { attempts: 20, backoffMs: 50, backoffMsMax: 500 } } as const;

let redis: RedisServer | undefined;
let cluster: TestHeads | undefined;
let client: Client | undefined;

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
  await redis?.stop();
});

it.each([
  {
    what: 'stands still',
    begin: async (server: RedisServer) => server.pause(),
    end: async (server: RedisServer) => server.resume(),
  },
  {
    what: 'is killed and comes back empty',
    begin: (server: RedisServer) => server.kill(),
    end: (server: RedisServer) => server.run(),
  },
])(
  `Redis $what after ${STOP_MS / 1000} s: every task ends once, and there is a leader with its standby again`,
  async ({ begin, end }) => {
    const server = await RedisServer.start();
    redis = server;
    const heads = await TestHeads.start({ heads: 2, workers: 2, redis: [server.url] });
    cluster = heads;
    const connected = connect({ backends: { native: () => native(heads.options) } });
    client = connected;
    const handles = Array.from({ length: TASKS }, (_, value) =>
      connected.submit(slowDouble, { value, ms: 40 }, RETRY),
    );
    await handles[0]!.result();
    await begin(server);
    await sleep(STOP_MS);
    await end(server);
    const results = await Promise.all(handles.map((handle) => handle.result()));
    expect(results).toEqual(Array.from({ length: TASKS }, (_, value) => 2 * value));
    await heads.inSync(2);
  },
  LIMIT_MS + 2 * STOP_MS,
);
