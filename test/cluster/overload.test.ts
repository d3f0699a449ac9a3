/** A worker whose memory runs out moves objects to disk, says so, and goes on; nothing is lost. */
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { double, fill } from './cluster-tasks.js';

const MEBIBYTE = 2 ** 20;
const OBJECT_BYTES = 32 * MEBIBYTE;
const OBJECTS = 9;

it('spills under memory pressure, keeps every object, and takes work again', async () => {
  const cluster = await TestCluster.start({
    workers: 1,
    native: { slots: 2, overload: { memoryBytesMax: 360 * MEBIBYTE } },
  });
  const client = connect({ backends: { native: () => native(cluster.options) } });
  const admin = new ClusterAdmin({ address: cluster.address, token: cluster.token });
  const worker = async () => (await admin.status()).members.find(({ role }) => role === 'worker')!;
  try {
    await client.run(double, 1);
    const objects = await Promise.all(
      Array.from({ length: OBJECTS }, (_, byte) =>
        client.run(fill, { byte, bytes: OBJECT_BYTES }, { output: 'reference' }),
      ),
    );
    await eventually(async () => (await worker()).spilledBytes >= OBJECT_BYTES);
    for (const [byte, object] of objects.entries()) {
      const bytes = await object.get();
      expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([OBJECT_BYTES, byte, byte]);
      object.release();
    }
    // Once its memory is free again it comes back step by step, and takes this.
    expect(await client.run(double, 21)).toBe(42);
    expect(cluster.output).toMatch(/Moved \d+ bytes of objects to disk/);
  } finally {
    admin.close();
    await client.close();
    await cluster.close();
  }
});
