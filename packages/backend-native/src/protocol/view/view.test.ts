import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Directory, MemberTable } from '../gossip/index.js';
import { Acceptor, type Ballot, ROUND_MAX } from './acceptor.js';
import { AlertBook, judge } from './evidence.js';
import { isDecided } from './history.js';
import { Proposer, type ProposerAction } from './proposer.js';
import type { Alert, Cut, Decision, Vote } from './types.js';
import { View } from './view.js';

function worldOf(nodes: number): { view: View; table: MemberTable } {
  const directory = new Directory();
  const members = Array.from({ length: nodes }, (_, index) => {
    directory.add(`n${index}`);
    return { index, id: `n${index}`, boot: 1, isVoter: true };
  });
  const view = new View({ lineage: 'test', epoch: 1, id: `view of ${nodes}`, members }, directory);
  const table = new MemberTable(directory);
  for (const { index, id } of members) {
    const record = { id, address: id, boot: 1, isVoter: true, metadata: undefined };
    table.setAlive({
      type: 'alive',
      subject: index,
      incarnation: 1,
      version: 0,
      record,
      digest: '',
      bytes: 1,
    });
  }
  return { view, table };
}

function alertsOn(view: View, subject: number, count: number): readonly Alert[] {
  const authors = view.observersOf(subject).slice(0, count);
  return authors.map((author) => ({ viewId: view.id, subject, boot: 1, incarnation: 1, author }));
}

const removing = (view: View, ...subjects: number[]): Cut => {
  return { viewId: view.id, add: [], remove: subjects.map((subject) => view.member(subject)!) };
};

describe('View', () => {
  it('assigns ten observers, or all there are, none of them the subject', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (nodes) => {
        const { view } = worldOf(nodes);
        for (let subject = 0; subject < nodes; subject++) {
          const observers = view.observersOf(subject);
          const isRight = new Set(observers).size === Math.min(nodes - 1, 10) && !observers.includes(subject);
          if (!isRight) expect.fail(`${subject} of ${nodes} is observed by ${observers.join()}`);
        }
      }),
    );
  });
});

describe('evidence', () => {
  it('needs nine of ten assigned observers; others do not count', () => {
    const { view, table } = worldOf(50);
    const cut = removing(view, 7);
    expect(judge(view, { cut, alerts: alertsOn(view, 7, 9), round: 0 }, table)).toBe('justified');
    expect(judge(view, { cut, alerts: alertsOn(view, 7, 8), round: 0 }, table)).toBe('refused');
    const outsiders = Array.from({ length: 50 }, (_, author) => author).filter(
      (author) => !view.observersOf(7).includes(author),
    );
    const bought = outsiders.map((author) => ({ ...alertsOn(view, 7, 1)[0]!, author }));
    expect(judge(view, { cut, alerts: bought, round: 0 }, table)).not.toBe('justified');
  });

  it('counts no report that the subject refuted since', () => {
    const { view, table } = worldOf(50);
    table.setCode(7, 1, 2);
    expect(judge(view, { cut: removing(view, 7), alerts: alertsOn(view, 7, 10), round: 0 }, table)).toBe(
      'refused',
    );
  });

  it('lets failed observers count for each other, yet never alone', () => {
    const { view, table } = worldOf(50);
    const failed = [7, ...view.observersOf(7).slice(0, 4)];
    const alerts = failed.flatMap((subject) => {
      const able = view.observersOf(subject).filter((observer) => !failed.includes(observer));
      return able.map((author) => ({ viewId: view.id, subject, boot: 1, incarnation: 1, author }));
    });
    expect(new AlertBook(view, alerts).certain(failed, table).toSorted()).toEqual(failed.toSorted());
    expect(new AlertBook(view, []).certain(failed, table)).toEqual([]);
  });

  it('takes a majority below eight members: one of two survivors is not enough', () => {
    const { view, table } = worldOf(3);
    expect(judge(view, { cut: removing(view, 2), alerts: alertsOn(view, 2, 2), round: 0 }, table)).toBe(
      'justified',
    );
    expect(judge(view, { cut: removing(view, 2), alerts: alertsOn(view, 2, 1), round: 0 }, table)).toBe(
      'refused',
    );
    const pair = worldOf(2);
    expect(
      judge(
        pair.view,
        { cut: removing(pair.view, 1), alerts: alertsOn(pair.view, 1, 1), round: 0 },
        pair.table,
      ),
    ).toBe('refused');
  });
});

describe('rounds', () => {
  it('begin after the latest that was heard of, and none is beyond the bound', () => {
    const { view } = worldOf(5);
    const acceptor = new Acceptor();
    expect(acceptor.attemptsOver(view)).toBe(0);
    for (const round of [4, 5, 6]) {
      expect(acceptor.promise(round)).toBe(true);
      const nextOfRank0 = acceptor.attemptsOver(view) * view.voterCount + 1;
      expect(nextOfRank0).toBeGreaterThan(round);
    }
    for (const round of [ROUND_MAX + 1, Number.MAX_SAFE_INTEGER]) {
      expect(acceptor.promise(round)).toBe(false);
      expect(acceptor.mayVote(round, 'a cut')).toBe(false);
    }
    expect(acceptor.attemptsOver(view)).toBe(2);
  });
});

describe('agreement', () => {
  /** Several proposers, each with its own cut, over a network that reorders and loses at will. */
  function decisionsOf(nodes: number, proposers: number, loss: number, seed: number): readonly Decision[] {
    const { view } = worldOf(nodes);
    const random = seededRandom(seed);
    const acceptors = view.ranks.map(() => new Acceptor());
    const cutOf = (rank: number) => removing(view, view.ranks[(rank + 1) % nodes]!.index);
    const cutIds = new Map<Cut, string>();
    const leaders = Array.from({ length: proposers }, (_, rank) => {
      const cut = cutOf(rank);
      cutIds.set(cut, `cut ${rank}`);
      const own = { round: 0, cut, cutId: `cut ${rank}`, alerts: [] };
      return new Proposer({ view, rank, own, attempts: 0, nowMs: 0, isJustified: () => true });
    });
    const decisions: Decision[] = [];
    const wire: (() => void)[] = [];
    const send = (deliver: () => void) => {
      if (random() >= loss) wire.push(deliver);
    };
    let nowMs = 0;
    const act = (leader: Proposer, action: ProposerAction | undefined): void => {
      if (action?.type === 'decide') decisions.push(action.decision);
      if (action?.type === 'prepare')
        acceptors.forEach((acceptor, voter) => {
          send(() => {
            if (!acceptor.promise(action.round)) return;
            const { voted } = acceptor;
            const promised = { votedRound: voted?.round ?? -1, ballot: voted };
            const from = view.ranks[voter]!.index;
            send(() => act(leader, leader.onPromise(from, action.round, promised, nowMs)));
          });
        });
      if (action?.type === 'propose')
        acceptors.forEach((acceptor, voter) => {
          send(() => vote(leader, acceptor, view.ranks[voter]!.index, action.ballot));
        });
    };
    const vote = (leader: Proposer, acceptor: Acceptor, author: number, ballot: Ballot): void => {
      if (!acceptor.mayVote(ballot.round, ballot.cutId)) return;
      acceptor.vote(ballot);
      const cast: Vote = { viewId: view.id, round: ballot.round, cutId: ballot.cutId, author };
      send(() => act(leader, leader.onVote(cast)));
    };
    for (const leader of leaders) act(leader, leader.start(nowMs));
    for (let step = 0; step < 3000; step++) {
      if (wire.length > 0) wire.splice(Math.floor(random() * wire.length), 1)[0]!();
      if (random() < 0.02) nowMs += 500;
      for (const leader of leaders) if (nowMs >= leader.deadlineMs) act(leader, leader.tick(nowMs));
    }
    for (const decision of decisions) expect(isDecided(view, decision, cutIds.get(decision.cut)!)).toBe(true);
    return decisions;
  }

  it('never decides two cuts for one view', () => {
    let decided = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(0, 0.1, 0.3),
        fc.integer(),
        (nodes, proposers, loss, seed) => {
          const decisions = decisionsOf(nodes, proposers, loss, seed);
          expect(new Set(decisions.map(({ cut }) => cut)).size).toBeLessThanOrEqual(1);
          decided += Math.min(1, decisions.length);
        },
      ),
      { numRuns: 150 },
    );
    expect(decided).toBeGreaterThan(100);
  });
});
