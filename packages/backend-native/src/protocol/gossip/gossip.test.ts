import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AliveUpdate,
  DEFAULT_TUNING,
  Directory,
  Gossip,
  type GossipEffect,
  type GossipTuning,
  type Update,
} from './index.js';

const BOOT = 1000;

function aliveOf(
  subject: number,
  incarnation: number,
  change: Partial<AliveUpdate> & { boot?: number } = {},
): AliveUpdate {
  const { boot = BOOT + subject, ...rest } = change;
  const record = { id: `n${subject}`, address: `${subject}`, boot, isVoter: true, metadata: undefined };
  return {
    type: 'alive',
    subject,
    incarnation,
    version: 0,
    record,
    digest: `${subject}`,
    bytes: 100,
    ...rest,
  };
}

/** Suspicion by the word of others alone, to look at what follows from it. */
const BELIEVE = { hearsay: 'believe' } as const;

/** Node 0 among five that it knows to be alive. */
function gossipOf(tuning: Partial<GossipTuning> = {}): Gossip {
  const directory = new Directory();
  for (let node = 0; node < 6; node++) directory.add(`n${node}`);
  const gossip = new Gossip({
    self: aliveOf(0, 1).record,
    directory,
    random: seededRandom(1),
    tuning: { ...DEFAULT_TUNING, ...tuning },
    seal: (statement) => ({ ...statement, digest: `own ${statement.incarnation}`, bytes: 100 }),
  });
  gossip.step({ type: 'start', seeds: [] }, 0);
  tell(
    gossip,
    [1, 2, 3, 4, 5].map((node) => aliveOf(node, 1)),
  );
  return gossip;
}

function tell(gossip: Gossip, updates: readonly Update[], nowMs = 0, from = 1): readonly GossipEffect[] {
  return gossip.step({ type: 'message', from, message: { type: 'gossip', updates } }, nowMs);
}

const suspect = (subject: number, incarnation: number, author: number): Update => {
  return { type: 'suspect', subject, incarnation, author };
};

describe('Gossip', () => {
  it('suspects who is accused, and forgets it when the accused answers with a newer incarnation', () => {
    const gossip = gossipOf(BELIEVE);
    tell(gossip, [suspect(3, 1, 2)]);
    expect(gossip.table.status(3)).toBe('suspect');
    tell(gossip, [aliveOf(3, 2)]);
    expect(gossip.table.status(3)).toBe('alive');
    tell(gossip, [suspect(3, 1, 4)]);
    expect(gossip.table.status(3)).toBe('alive');
  });

  it('ignores an accusation of an incarnation that nobody announced', () => {
    const gossip = gossipOf();
    tell(gossip, [suspect(3, 2 ** 31, 2), suspect(0, 2 ** 31, 2)]);
    expect(gossip.table.status(3)).toBe('alive');
    expect(gossip.self.incarnation).toBe(1);
  });

  it('asks the accused before it believes the word of others, and lets the lie die there', () => {
    const gossip = gossipOf();
    const effects = tell(gossip, [suspect(3, 1, 2)]);
    const asked = effects.find((effect) => effect.type === 'send' && effect.to === 3);
    expect(asked).toMatchObject({ message: { type: 'ping' } });
    const { sequence } = (asked as { message: { sequence: number } }).message;
    const ack = { type: 'ack', sequence, epoch: 0, updates: [] } as const;
    gossip.step({ type: 'message', from: 3, message: ack }, 5);
    for (let nowMs = 10; nowMs < 2_000; nowMs += 10)
      expect(JSON.stringify(answerAll(gossip, nowMs))).not.toContain('"suspect"');
    expect(gossip.table.status(3)).toBe('alive');
  });

  it('believes it when the accused does not answer, asked twice', () => {
    const gossip = gossipOf({ intervalMs: 60_000 });
    tell(gossip, [suspect(3, 1, 2)]);
    let questions = 1;
    for (let nowMs = 0; nowMs < 5_000 && gossip.table.status(3) === 'alive'; nowMs += 10)
      for (const effect of gossip.step({ type: 'tick' }, nowMs))
        if (effect.type === 'send' && effect.to === 3) questions += 1;
    expect(gossip.table.status(3)).toBe('suspect');
    expect(questions).toBeGreaterThanOrEqual(2);
  });

  it('refutes an accusation of itself by who asks or answers, and leaves alone what only goes around', () => {
    const gossip = gossipOf();
    tell(gossip, [suspect(0, 1, 2)]);
    expect(gossip.self.incarnation).toBe(1);
    const ping = { type: 'ping', sequence: 1, epoch: 0, updates: [suspect(0, 1, 2)] } as const;
    gossip.step({ type: 'message', from: 2, message: ping }, 0);
    expect(gossip.self.incarnation).toBe(2);
    expect(gossip.table.status(0)).toBe('alive');
  });

  it('takes no jump of incarnations, and nothing older than it knows', () => {
    const gossip = gossipOf();
    tell(gossip, [aliveOf(3, 2 ** 32 - 1)]);
    expect(gossip.table.incarnation(3)).toBe(1);
    tell(gossip, [aliveOf(3, 5), aliveOf(3, 4)]);
    expect(gossip.table.incarnation(3)).toBe(5);
  });

  it('does not take the word of others for a death', () => {
    const gossip = gossipOf();
    tell(gossip, [{ type: 'dead', subject: 3, incarnation: 1, author: 2 }]);
    expect(gossip.table.status(3)).toBe('alive');
    const plain = gossipOf({ verdict: 'announce' });
    tell(plain, [{ type: 'dead', subject: 3, incarnation: 1, author: 2 }]);
    expect(plain.table.status(3)).toBe('dead');
  });

  it('asks the suspect itself before its verdict, and tells it what to refute', () => {
    const gossip = gossipOf(BELIEVE);
    for (const author of [1, 2, 4, 5]) tell(gossip, [suspect(3, 1, author)]);
    const pings: GossipEffect[] = [];
    let nowMs = 0;
    for (; gossip.table.status(3) === 'suspect' && nowMs < 20_000; nowMs += 50)
      pings.push(...answerAll(gossip, nowMs).filter((effect) => effect.type === 'send' && effect.to === 3));
    expect(gossip.table.status(3)).toBe('dead');
    const last = pings.at(-1);
    expect(last).toMatchObject({ message: { type: 'ping' } });
    expect(JSON.stringify(last)).toContain('"suspect"');
  });

  it('bars a member that said two things at once, and passes the proof on', () => {
    const gossip = gossipOf();
    const effects = [...tell(gossip, [aliveOf(3, 1, { digest: 'another' })]), ...answerAll(gossip, 300)];
    expect(gossip.table.status(3)).toBe('barred');
    expect(JSON.stringify(effects)).toContain('"equivocation"');
    const other = gossipOf();
    tell(other, [
      { type: 'equivocation', subject: 3, first: aliveOf(3, 1), second: aliveOf(3, 1, { digest: 'x' }) },
    ]);
    expect(other.table.status(3)).toBe('barred');
    tell(other, [{ type: 'equivocation', subject: 4, first: aliveOf(4, 1), second: aliveOf(4, 2) }]);
    expect(other.table.status(4)).toBe('alive');
  });

  it('lets nobody die when it stood still itself', () => {
    const gossip = gossipOf(BELIEVE);
    for (const author of [1, 2, 4, 5]) tell(gossip, [suspect(3, 1, author)]);
    answerAll(gossip, 100);
    gossip.step({ type: 'tick' }, 60_000);
    expect(gossip.table.status(3)).toBe('suspect');
  });

  it('outbids what is remembered of an earlier process under its id', () => {
    const gossip = gossipOf();
    tell(gossip, [aliveOf(0, 7, { boot: 5 })]);
    expect(gossip.self.incarnation).toBe(8);
  });

  it('takes a departure only from the process that departs', () => {
    const gossip = gossipOf();
    tell(gossip, [{ type: 'left', subject: 3, incarnation: 1, boot: 5 }]);
    expect(gossip.table.status(3)).toBe('alive');
    tell(gossip, [{ type: 'left', subject: 3, incarnation: 1, boot: BOOT + 3 }]);
    expect(gossip.table.status(3)).toBe('left');
    expect(gossip.table.reachable).toBe(5);
  });

  it('ends in the same knowledge whatever the order of what it is told', () => {
    const update = fc.record({
      subject: fc.integer({ min: 1, max: 5 }),
      incarnation: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(update, { maxLength: 25 }), fc.integer(), (told, seed) => {
        const updates = told.map(({ subject, incarnation }) => aliveOf(subject, incarnation));
        const random = seededRandom(seed);
        const shuffled = updates.map((value) => ({ value, at: random() })).sort((a, b) => a.at - b.at);
        const [one, two] = [gossipOf(), gossipOf()];
        for (const value of updates) tell(one, [value]);
        for (const { value } of shuffled) tell(two, [value]);
        expect([...one.table.digest]).toEqual([...two.table.digest]);
      }),
    );
  });
});

/** Ticks, and lets every member but 3 answer its pings at once. */
function answerAll(gossip: Gossip, nowMs: number): readonly GossipEffect[] {
  const effects = [...gossip.step({ type: 'tick' }, nowMs)];
  for (const effect of effects) {
    if (effect.type !== 'send' || effect.to === 3 || effect.message.type !== 'ping') continue;
    const message = { type: 'ack' as const, sequence: effect.message.sequence, epoch: 0, updates: [] };
    gossip.step({ type: 'message', from: effect.to, message }, nowMs);
  }
  return effects;
}
