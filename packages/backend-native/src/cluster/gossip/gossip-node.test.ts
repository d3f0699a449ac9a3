import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { eventually, randomInteger, seededRandom } from '@anant/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '../security/key-pairs.js';
import { GossipNode, type GossipNodeOptions, Keyring } from './index.js';

const key = Keyring.newKey();
const FAST = { intervalMs: 150, timeoutMs: 75, gossipIntervalMs: 30, retryMs: 100 };
const nodes: GossipNode[] = [];

async function start(id: string, options: Partial<GossipNodeOptions> = {}): Promise<GossipNode> {
  const node = await GossipNode.start({ id, keyring: new Keyring([key]), tuning: FAST, ...options });
  nodes.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

describe('GossipNode on loopback', () => {
  it('forms a cluster of four, evicts the one that dies and takes it back', async () => {
    const first = await start('a');
    const identity = newKeyPair('Ed25519');
    const seeds = [first.address];
    const [second, third] = [await start('b', { seeds }), await start('c', { seeds })];
    const fourth = await start('d', { seeds, identity });
    const isWhole = (node: GossipNode) => () => node.view?.members.length === 4;
    await Promise.all(
      [first, second, third, fourth].map((node) => node.waitFor(isWhole(node), { timeoutMs: 60_000 })),
    );
    expect(new Set([first, second, third, fourth].map((node) => node.view?.id)).size).toBe(1);
    await fourth.stop();
    await first.waitFor(() => first.view?.members.length === 3, { timeoutMs: 60_000 });
    expect(first.member('d')?.status).toBe('dead');
    expect(first.hasQuorum).toBe(true);
    const again = await start('d', { seeds, identity });
    await again.joined({ timeoutMs: 60_000 });
    await first.waitFor(isWhole(first), { timeoutMs: 60_000 });
    await again.leave();
    await first.waitFor(() => first.view?.members.length === 3, { timeoutMs: 60_000 });
    expect(first.member('d')?.status).toBe('left');
  });

  it('takes nobody in without the key, nor a second holder of an id', async () => {
    const first = await start('a');
    const seeds = [first.address];
    const second = await start('b', { seeds });
    await second.joined({ timeoutMs: 60_000 });
    await start('outsider', { seeds, keyring: new Keyring([Keyring.newKey()]) });
    const impostor = await start('b', { seeds });
    await eventually(() => (first.counts.dropped['wrong-identity'] ?? 0) > 0);
    await eventually(() => (first.counts.dropped['unknown-key'] ?? 0) > 0);
    expect(impostor.isMember).toBe(false);
    // Where this process stalls, a member is suspected for a moment.
    const seen = () => first.members().map(({ id, status }) => `${id} ${status}`);
    await eventually(() => seen().join() === 'a alive,b alive');
    expect(first.member('b')?.address).toBe(second.address);
  });

  it('changes nothing for replayed traffic', async () => {
    const first = await start('a');
    const tap = createSocket('udp4');
    const recorded: Buffer[] = [];
    tap.bind(0, '127.0.0.1');
    await once(tap, 'listening');
    const port = Number(first.address.split(':')[1]);
    // A relay between the two records what the second sends.
    let secondPort = 0;
    tap.on('message', (frame, source) => {
      if (source.port === port) return tap.send(frame, secondPort, '127.0.0.1');
      secondPort = source.port;
      recorded.push(frame);
      tap.send(frame, port, '127.0.0.1');
    });
    const second = await start('b', { seeds: [`127.0.0.1:${tap.address().port}`] });
    await first.waitFor(() => first.member('b') !== undefined, { timeoutMs: 60_000 });
    await eventually(() => first.view?.members.length === 2);
    const before = JSON.stringify(first.view);
    const replayedBefore = first.counts.dropped.replayed ?? 0;
    expect(recorded.length).toBeGreaterThan(0);
    for (const frame of recorded) tap.send(frame, port, '127.0.0.1');
    await eventually(() => (first.counts.dropped.replayed ?? 0) >= replayedBefore + recorded.length);
    expect(JSON.stringify(first.view)).toBe(before);
    expect(second.isMember).toBe(true);
    tap.close();
  });

  it('rotates the key while members talk', async () => {
    const first = await start('a');
    const second = await start('b', { seeds: [first.address] });
    await second.joined({ timeoutMs: 60_000 });
    const next = Keyring.newKey();
    const old = first.keyring.currentId;
    const ids = [first, second].map((node) => node.keyring.install(next));
    for (const node of [first, second]) node.keyring.use(ids[0]!);
    for (const node of [first, second]) node.keyring.remove(old);
    const heard = () => second.counts.framesReceived - (second.counts.dropped['unknown-key'] ?? 0);
    const before = heard();
    await eventually(() => heard() > before + 5);
    // What was under way under the old key has arrived by now.
    const { dropped } = second.counts;
    const now = heard();
    await eventually(() => heard() > now + 5);
    expect(second.counts.dropped['unknown-key']).toBe(dropped['unknown-key']);
    await eventually(() => first.member('b')?.status === 'alive');
  });

  it('survives ten thousand malformed frames with flat memory', async () => {
    const node = await start('a');
    const sender = createSocket('udp4');
    const random = seededRandom(1);
    const port = Number(node.address.split(':')[1]);
    const keyring = new Keyring([key]);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 100; round++) {
      for (let frame = 0; frame < 100; frame++) {
        const bytes = Buffer.from(
          Array.from({ length: randomInteger(random, 200) }, () => randomInteger(random, 256)),
        );
        sender.send(frame % 2 === 0 ? bytes : keyring.seal(bytes), port, '127.0.0.1');
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const wanted = node.counts.framesReceived;
    await eventually(() => wanted > 1000 || node.counts.framesReceived > 1000);
    const { framesReceived, dropped } = node.counts;
    expect(Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(framesReceived);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 2 ** 20);
    expect(node.isMember).toBe(true);
    sender.close();
  });

  it('tells metadata to the others and refuses too much of it', async () => {
    const first = await start('a');
    const second = await start('b', { seeds: [first.address], metadata: { zone: 'north' } });
    await second.joined({ timeoutMs: 60_000 });
    await eventually(() => first.member('b')?.metadata.zone === 'north');
    const { metadata } = second.member('b')!;
    second.setMetadata({ ...metadata, load: { running: 3, queued: 1, cpuPart: 0.5, memoryPart: 0.1 } });
    await eventually(() => first.member('b')?.metadata.load.running === 3);
    expect(() => second.setMetadata({ ...metadata, zone: 'x'.repeat(3000) })).toThrow('Node metadata');
  });

  it('needs admission for anything but loopback, and says which address is taken', async () => {
    await expect(start('a', { bind: { host: '0.0.0.0', port: 0 } })).rejects.toMatchObject({
      code: 'E_CONFIG_INVALID',
    });
    const node = await start('a');
    const port = Number(node.address.split(':')[1]);
    await expect(start('b', { bind: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'E_BACKEND_UNAVAILABLE',
    });
    await expect(start('c', { seeds: ['nonsense'] })).rejects.toThrow('no gossip address');
  });
});
