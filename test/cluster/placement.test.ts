/** Where tasks go in a cluster: groups, gangs, tenants, and what they wait for. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { double, hold, slowDouble } from './cluster-tasks.js';

let cluster: TestCluster;
let client: Client;
let admin: ClusterAdmin;

beforeAll(async () => {
  cluster = await TestCluster.start({
    workers: 2,
    native: { slots: 2, resources: { gpu: 0 } },
    scheduler: { order: 'fair-share', place: 'resource-aware', weights: { large: 3 } },
  });
  client = connect({ backends: { native: () => native(cluster.options) } });
  admin = new ClusterAdmin({ address: cluster.address, token: cluster.token });
});

afterAll(async () => {
  admin?.close();
  await client?.close();
  await cluster?.close();
});

async function explained(id: string, wanted: RegExp): Promise<string> {
  let reason = '';
  await eventually(async () => {
    const { explanations } = await admin.explain(id);
    reason = explanations[0]?.reason ?? '';
    return wanted.test(reason);
  });
  return reason;
}

describe('groups', () => {
  it('spread over the workers, stay on one, and begin all at once', async () => {
    const release = join(tmpdir(), `anant-placement-${process.pid}`);
    const log = `${release}.log`;
    const begin = (group: object, id: string) =>
      client.submit(hold, { log, release }, { id, placement: { group: group as never } });
    try {
      const spread = { name: 'apart', rule: 'spread', tasks: 2 };
      const apart = [begin(spread, 'a1')];
      await explained('a1', /begins when 2 of it wait; 1 do/);
      apart.push(begin(spread, 'a2'));
      const together = { name: 'together', rule: 'same-node', tasks: 2 };
      const near = [begin(together, 'n1'), begin(together, 'n2')];
      // Each worker has one task: two slots are free, but not on one worker.
      expect(await explained('n1', /slots are free at once on one worker/)).toContain('; 1 are.');
      writeFileSync(release, '');
      const [first, second] = await Promise.all(apart.map((handle) => handle.result()));
      expect(first).not.toBe(second);
      const [third, fourth] = await Promise.all(near.map((handle) => handle.result()));
      expect(third).toBe(fourth);
    } finally {
      rmSync(release, { force: true });
      rmSync(log, { force: true });
    }
  });

  it('are refused at submission when they never could begin, with what is missing', async () => {
    const group = { name: 'huge', rule: 'same-node', tasks: 3 } as const;
    await expect(client.run(double, 1, { placement: { group } })).rejects.toThrow(
      'needs 3 slots at once on one worker; there are 2',
    );
    await expect(client.run(double, 1, { resources: { gpu: 1 } })).rejects.toThrow(
      'It asks for 1 of "gpu"; the most on one worker is 0.',
    );
    await expect(client.run(double, 1, { placement: { labels: { disk: 'ssd' } } })).rejects.toThrow(
      'No worker is labelled disk=ssd; there are 2.',
    );
    const wrong = { group: { name: 'x', rule: 'near' } } as never;
    await expect(client.run(double, 1, { placement: wrong })).rejects.toThrow('spread, pack, same-node');
  });
});

describe('tenants', () => {
  it('share by weight what the workers can do', async () => {
    const order: string[] = [];
    const submit = (tenant: string) =>
      client
        .submit(slowDouble, { value: 1, ms: 20 }, { tenant })
        .outcome()
        .then(() => order.push(tenant));
    // Runs first, so that the head knows how long these take.
    await client.run(slowDouble, { value: 1, ms: 20 });
    await Promise.all([
      ...Array.from({ length: 60 }, () => submit('small')),
      ...Array.from({ length: 60 }, () => submit('large')),
    ]);
    const early = order.slice(10, 60).filter((tenant) => tenant === 'large').length;
    expect(early).toBeGreaterThan(28);
    expect(early).toBeLessThan(48);
    expect((await admin.status()).policy).toBe('fair-share, resource-aware');
  });
});
