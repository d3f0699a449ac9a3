/**
 * The keys of running processes are rotated under load, again: no task is lost or run twice, and new keys are used, for data
 * and for gossip.
 */
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { curveClientOptions, type NodeIdentity, NodeSecurity } from '@anant/backend-native/security';
import { connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { knock } from '../support/knocking.js';
import { listeningPorts } from '../support/listening-ports.js';
import { SecureCluster } from '../support/secure-cluster.js';
import { fill, slowDouble } from './cluster-tasks.js';

/** Without retries: an attempt that a rotation ended would fail the run. */
const ONCE = { mode: 'async', retry: { attempts: 1 } } as const;
const WORKERS = ['worker-1', 'worker-2'];
const OBJECT_BYTES = 8 * 2 ** 20;
const BATCH = 20;
const WAIT_MS = 120_000;

let cluster: SecureCluster;

beforeAll(async () => {
  cluster = await SecureCluster.start(WORKERS, { slots: 4 });
});
afterAll(() => cluster.close());

/**
 * The certificates before the last ones are revoked. From then on the head hears no word of gossip under their keys: when it
 * measures how far a worker is once more, that one has answered, and signed it, with its new key.
 */
async function hearsNewKeysOnly(security: NodeSecurity, old: readonly NodeIdentity[]): Promise<void> {
  const outcast = await NodeSecurity.open({ directory: await cluster.issue('bob', 'driver') });
  const [bob, alice] = [outcast, security].map(
    (each) => new ClusterAdmin({ address: cluster.address, security: each }),
  ) as [ClusterAdmin, ClusterAdmin];
  const distances = async () => {
    const { members } = await alice.status();
    return new Map(members.map(({ node, gossip }) => [node, gossip?.roundTripMs]));
  };
  try {
    expect((await bob.status()).leadership).toBe('single-head');
    for (const { fingerprint } of [...old, outcast.identity]) await cluster.store.revoke(fingerprint);
    for (const pid of cluster.pids) process.kill(pid, 'SIGHUP');
    const isRefused = () =>
      bob.status().then(
        () => false,
        () => true,
      );
    // It is refused by whoever has read what is revoked.
    await eventually(isRefused, WAIT_MS);
    const before = await distances();
    const hasMoved = (after: typeof before, name: string) =>
      (after.get(name) ?? 0) > 0 && after.get(name) !== before.get(name);
    await eventually(async () => {
      const after = await distances();
      return WORKERS.every((name) => hasMoved(after, name));
    }, WAIT_MS);
    const isWhole = async () => {
      const { members, view } = await alice.status();
      const isAlive = members.every(({ gossip }) => gossip?.status === 'alive' && gossip.isInView);
      return isAlive && view?.members.length === 1 + WORKERS.length;
    };
    await eventually(isWhole, WAIT_MS);
  } finally {
    bob.close();
    alice.close();
    outcast.close();
  }
}

it('renews every CURVE key of a running cluster while all tasks end well', async () => {
  const folder = await cluster.issue('alice', 'driver');
  const own = listeningPorts(process.pid);
  const client = connect({ backends: { native: () => native(cluster.options(folder)) } });
  const security = await NodeSecurity.open({ directory: folder });
  let isOver = false;
  let done = 0;
  try {
    const objects = await Promise.all(
      [1, 2].map((byte) => client.run(fill, { byte, bytes: OBJECT_BYTES }, { ...ONCE, output: 'reference' })),
    );
    const working = (async () => {
      while (!isOver) {
        const values = Array.from({ length: BATCH }, (_, value) => ({ value, ms: 5 }));
        expect(await client.map(slowDouble, values, ONCE)).toEqual(values.map(({ value }) => 2 * value));
        done += BATCH;
      }
    })();
    working.catch(() => {});
    const more = async () => {
      const enough = done + 10 * BATCH;
      await Promise.race([eventually(() => done >= enough, WAIT_MS), working]);
    };
    await more();

    const workerPids = cluster.pids.slice(1);
    const before = workerPids.map(listeningPorts);
    const identities = await Promise.all(
      WORKERS.map(async (name) => (await cluster.store.node(name)).identity),
    );
    // The clock of certificates counts seconds; the same second would leave open which key is the newer one.
    const secondMs = Math.floor(Date.now() / 1_000);
    await eventually(() => Math.floor(Date.now() / 1_000) > secondMs);
    for (const node of ['head', ...WORKERS, 'alice']) await cluster.store.rotate(node);
    for (const pid of cluster.pids) process.kill(pid, 'SIGHUP');
    // The driver in this process looks at its files every ten seconds.
    const newPorts = (pid: number, old: readonly number[]) =>
      listeningPorts(pid).filter((port) => !old.includes(port));
    await eventually(() => cluster.output.split('Data connections use the new keys').length === 3, WAIT_MS);
    await eventually(() => newPorts(process.pid, own).length === 2, WAIT_MS);
    await more();
    for (const object of objects) expect((await object.get()).length).toBe(OBJECT_BYTES);

    await security.reload();
    for (const [index, name] of WORKERS.entries()) {
      const pid = workerPids[index] as number;
      const [port, ...others] = newPorts(pid, before[index] as number[]);
      expect(others).toEqual([]);
      const { identity } = await cluster.store.node(name);
      const shows = (key: NodeIdentity) =>
        knock(`tcp://127.0.0.3:${port}`, curveClientOptions(security, key));
      expect(await shows(identity)).toBe('in');
      expect(await shows(identities[index] as NodeIdentity)).toBe('refused');
    }
    isOver = true;
    await working;
    await hearsNewKeysOnly(security, identities);
    // Who comes now meets the new keys alone.
    const next = connect({ backends: { native: () => native(cluster.options(folder)) } });
    expect(await next.map(slowDouble, [{ value: 4, ms: 1 }], ONCE)).toEqual([8]);
    await next.close();
  } finally {
    isOver = true;
    security.close();
    await client.close({ graceMs: 0 });
  }
});
