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
      [first, second, third, fourth].map((node) => node.waitFor(isWhole(node), { timeoutMs: 20_000 })),
    );
    expect(new Set([first, second, third, fourth].map((node) => node.view?.id)).size).toBe(1);
    await fourth.stop();
    await first.waitFor(() => first.view?.members.length === 3, { timeoutMs: 20_000 });
    expect(first.member('d')?.status).toBe('dead');
    expect(first.hasQuorum).toBe(true);
    const again = await start('d', { seeds, identity });
    await again.joined({ timeoutMs: 20_000 });
    await first.waitFor(isWhole(first), { timeoutMs: 20_000 });
    await again.leave();
    await first.waitFor(() => first.view?.members.length === 3, { timeoutMs: 20_000 });
    expect(first.member('d')?.status).toBe('left');
  });
});
