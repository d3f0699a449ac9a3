/** Who listens to a member may close it, or ask something of it, while the member is still telling what it decided. */
import { VirtualClock } from '@anant/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { GossipNode, type GossipNodeOptions, Keyring } from './index.js';

const key = Keyring.newKey();
/** Probes that are not answered fail at the moment the next period begins: a suspicion, and a ping, in one step. */
const TUNING = { timeouts: 'fixed', intervalMs: 1_000, timeoutMs: 500, phase: 'aligned' } as const;
const DEADLINE_MS = 60_000;
const nodes: GossipNode[] = [];

async function start(id: string, options: Partial<GossipNodeOptions>): Promise<GossipNode> {
  const node = await GossipNode.start({ id, keyring: new Keyring([key]), tuning: TUNING, ...options });
  nodes.push(node);
  return node;
}

/** A member on a clock of its own that knows another one, which has just died. */
async function mourner(): Promise<{ readonly node: GossipNode; readonly clock: VirtualClock }> {
  const clock = new VirtualClock();
  const node = await start('a', { clock });
  const other = await start('b', { seeds: [node.address] });
  await node.waitFor(() => node.member('b')?.status === 'alive', { timeoutMs: DEADLINE_MS });
  await other.stop();
  return { node, clock };
}

async function advanceUntil(clock: VirtualClock, isMet: () => boolean): Promise<void> {
  for (let step = 0; step < 10_000 && !isMet(); step += 1) await clock.advance(10);
  expect(isMet()).toBe(true);
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

describe('a gossip node and who listens to it', () => {
  it('sends nothing more when it is closed by what it told', async () => {
    const { node, clock } = await mourner();
    let closed: Promise<void> | undefined;
    node.subscribe(({ type }) => {
      if (type === 'suspect') closed ??= node.stop();
    });
    await advanceUntil(clock, () => closed !== undefined);
    await closed;
    const { framesSent } = node.counts;
    await clock.advance(DEADLINE_MS);
    expect([node.counts.framesSent, clock.pendingTimers]).toEqual([framesSent, 0]);
  });

  it('takes up what it is asked meanwhile after what it was telling', async () => {
    const { node, clock } = await mourner();
    const sent: number[] = [];
    node.subscribe(({ type }) => {
      if (type !== 'suspect') return;
      sent.push(node.counts.framesSent);
      node.probe('b');
      sent.push(node.counts.framesSent);
    });
    await advanceUntil(clock, () => sent.length > 0);
    const [before = 0, after] = sent;
    expect(after).toBe(before);
    // The ping of the next period, and the one that was asked for.
    expect(node.counts.framesSent).toBe(before + 2);
  });
});
