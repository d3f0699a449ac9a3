import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeSecurity } from '../security/node-security.js';
import { TestCluster } from '../security/testing/test-cluster.js';
import { certificateAdmission, certificateRenewals, GossipNode, Keyring } from './index.js';

const FAST = { intervalMs: 150, timeoutMs: 75, gossipIntervalMs: 30, retryMs: 100 };

describe('admission by certificate', () => {
  let cluster: TestCluster;
  const nodes: GossipNode[] = [];
  const key = Keyring.newKey();

  beforeAll(async () => {
    cluster = await TestCluster.create();
  });

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await cluster.close();
  });

  async function start(
    id: string,
    security: NodeSecurity,
    seeds: readonly string[] = [],
  ): Promise<GossipNode> {
    const { certificate, sign } = security.own;
    const node = await GossipNode.start({
      id,
      keyring: new Keyring([key]),
      identity: sign,
      admission: certificateAdmission(security, Buffer.from(certificate)),
      renewals: certificateRenewals(security),
      seeds,
      tuning: FAST,
    });
    nodes.push(node);
    return node;
  }

  it('takes in whom the authority named, under that id only', async () => {
    const first = await start('alice', await cluster.open('alice', 'head'));
    const seeds = [first.address];
    const second = await start('bob', await cluster.open('bob', 'worker'), seeds);
    await second.joined({ timeoutMs: 60_000 });
    await start('carol', await cluster.open('dave', 'worker'), seeds);
    await start('erin', await cluster.open('erin', 'worker', cluster.other), seeds);
    await eventually(() => (first.counts.dropped.stranger ?? 0) >= 4);
    expect(first.members().map(({ id }) => id)).toEqual(['alice', 'bob']);
  });

  it('knows a running process under a new key, and the key before the last one no more', async () => {
    const first = await start('heidi', await cluster.open('heidi', 'head'));
    const security = await cluster.open('ivan', 'worker');
    const second = await start('ivan', security, [first.address]);
    await second.joined({ timeoutMs: 60_000 });
    const { boot } = first.member('ivan')!;
    const events: string[] = [];
    first.subscribe((event) => {
      if ('member' in event) events.push(event.type);
    });
    for (let round = 0; round < 3; round += 1) {
      // Certificates count seconds: of two of one second nobody knows which is newer.
      const secondMs = Math.floor(Date.now() / 1000);
      await eventually(() => Math.floor(Date.now() / 1000) > secondMs);
      const { length } = events;
      await cluster.store.rotate('ivan');
      expect(await security.reload()).toBe('changed');
      await eventually(() => events.slice(length).includes('metadata'));
      const load = { running: round + 1, queued: 0, cpuPart: 0, memoryPart: 0 };
      second.setMetadata({ ...second.member('ivan')!.metadata, load });
      await eventually(() => first.member('ivan')?.metadata.load.running === round + 1);
    }
    // Two keys of an id are known: by now the first is not, and what it says is signed with a later one.
    await eventually(() => first.member('ivan')?.status === 'alive');
    expect(first.member('ivan')?.boot).toBe(boot);
    expect(events).not.toContain('dead');
  });

  it('takes a process back in that comes with a renewed certificate', async () => {
    const first = await start('frank', await cluster.open('frank', 'head'));
    const seeds = [first.address];
    const security = await cluster.open('grace', 'worker');
    const before = await start('grace', security, seeds);
    await before.joined({ timeoutMs: 60_000 });
    const { boot } = before.member('grace')!;
    await before.leave();
    await cluster.store.rotate('grace');
    await security.reload();
    const after = await start('grace', security, seeds);
    await after.joined({ timeoutMs: 60_000 });
    const isBack = () => {
      const member = first.member('grace');
      return member?.status === 'alive' && member.boot !== boot;
    };
    await first.waitFor(isBack, { timeoutMs: 60_000 });
  });

  it('is taken back at once from a running process whose certificate is revoked, until it has another', async () => {
    const securities = await Promise.all(
      ['judy', 'kate', 'liam', 'mike'].map((id) => cluster.open(id, id === 'judy' ? 'head' : 'worker')),
    );
    const [judy, kate, liam, mike] = securities as [NodeSecurity, NodeSecurity, NodeSecurity, NodeSecurity];
    const first = await start('judy', judy);
    const seeds = [first.address];
    const others = [await start('kate', kate, seeds), await start('liam', liam, seeds)];
    const outcast = await start('mike', mike, seeds);
    for (const node of [...others, outcast]) await node.joined({ timeoutMs: 60_000 });

    await cluster.store.revoke(mike.identity.fingerprint);
    for (const security of [judy, kate, liam]) expect(await security.reload()).toBe('changed');
    const idsOf = (node: GossipNode) => node.view?.members.map(({ id }) => id);
    for (const node of [first, ...others])
      await eventually(() => String(idsOf(node)) === 'judy,kate,liam', 60_000);
    const { incarnation } = first.member('mike')!;
    outcast.setMetadata({ ...outcast.member('mike')!.metadata, zone: 'elsewhere' });
    const heard = first.counts.dropped['wrong-identity'] ?? 0;
    await eventually(() => (first.counts.dropped['wrong-identity'] ?? 0) > heard, 60_000);
    expect(first.member('mike')).toMatchObject({ status: 'dead', incarnation });

    // A newcomer hears of it by somebody who was not told that it is revoked, and is taken in all the same.
    const nina = await start('nina', await cluster.open('nina', 'worker'), seeds);
    await nina.joined({ timeoutMs: 60_000 });

    await outcast.stop();
    await cluster.store.rotate('mike');
    await mike.reload();
    const back = await start('mike', mike, seeds);
    await back.joined({ timeoutMs: 60_000 });
    await first.waitFor(() => first.member('mike')?.status === 'alive', { timeoutMs: 60_000 });
  });
});
