/**
 * Members that lie as far as they can without another's key: they accuse at random and all the time, report members
 * they do not observe, answer nothing about those they do, propose cuts without evidence and vote for anything.
 */
import { seededRandom } from '@anant/core/testing';
import type { MemberMessage } from '../../protocol/view/index.js';
import { GossipWorld, messageBytes } from '../gossip-world.js';

export interface ByzantineOptions {
  readonly nodes: number;
  /** Part of the members that lie, 0 to 1. */
  readonly part: number;
  readonly seed: number;
  readonly seconds: number;
}

export interface Byzantine {
  readonly liars: number;
  /** Honest members removed from a view. */
  readonly falseEvictions: number;
  /** Honest members that declared an honest one dead for themselves. */
  readonly falseVerdicts: number;
  readonly epochs: number;
  /** Sent by the protocol, the lies themselves not counted. */
  readonly bytes: number;
}

const ROUND_MS = 500;
const PEERS = 5;
const ACCUSATIONS = 4;

export function byzantine({ nodes, part, seed, seconds }: ByzantineOptions): Byzantine {
  const cluster = new GossipWorld({ nodes, seed, start: 'formed' });
  const { world } = cluster;
  const random = seededRandom(seed + 1);
  const liars = new Set<number>();
  while (liars.size < Math.floor(nodes * part)) liars.add(Math.floor(random() * nodes));
  let falseVerdicts = 0;
  let falseEvictions = 0;
  let epoch = 1;
  let lieBytes = 0;
  cluster.onStatus = ({ observer, subject, status }) => {
    if (status === 'dead' && !liars.has(observer) && !liars.has(subject)) falseVerdicts += 1;
  };
  cluster.onView = (node, view) => {
    if (view.epoch <= epoch || liars.has(node)) return;
    epoch = view.epoch;
    for (let index = 0; index < nodes; index++)
      if (!liars.has(index) && view.member(index) === undefined) falseEvictions += 1;
  };
  const lie = () => {
    for (const liar of liars) {
      const victims = Array.from({ length: ACCUSATIONS }, () => Math.floor(random() * nodes));
      for (const message of liesOf(cluster, liar, victims))
        for (let peer = 0; peer < PEERS; peer++) {
          const bytes = messageBytes(message);
          lieBytes += bytes;
          world.send(liar, Math.floor(random() * nodes), message, bytes);
        }
    }
    if (world.nowMs < seconds * 1000) world.at(world.nowMs + ROUND_MS, lie);
  };
  cluster.start();
  world.at(1000, lie);
  cluster.run(seconds * 1000);
  return {
    liars: liars.size,
    falseEvictions,
    falseVerdicts,
    epochs: epoch - 1,
    bytes: world.network.counts.bytes - lieBytes,
  };
}

function liesOf(cluster: GossipWorld, liar: number, victims: readonly number[]): readonly MemberMessage[] {
  const { gossip, view } = cluster.members[liar]!;
  if (view === undefined) return [];
  const members = victims.flatMap((victim) => view.member(victim) ?? []);
  const alerts = members.map(({ index, boot }) => {
    return {
      viewId: view.id,
      subject: index,
      boot,
      incarnation: gossip.table.incarnation(index),
      author: liar,
    };
  });
  const updates = victims.map((subject) => {
    return {
      type: 'suspect' as const,
      subject,
      incarnation: gossip.table.incarnation(subject),
      author: liar,
    };
  });
  const cut = { viewId: view.id, add: [], remove: members };
  return [
    { type: 'gossip', updates },
    { type: 'view-alert', alerts },
    { type: 'view-propose', round: 0, cut, alerts },
    { type: 'view-prepare', viewId: view.id, round: 1 + liar },
    { type: 'view-decide', decision: { epoch: view.epoch + 1, cut, votes: [] } },
  ];
}
