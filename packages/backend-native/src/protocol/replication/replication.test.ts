/** Three heads, a store that may lose what it knew, and a network that loses and cuts: no acknowledged entry is ever lost. */
import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import {
  comparePositions,
  type HeadPosition,
  type LeaderState,
  type LogPosition,
  leaderStep,
  mayLead,
  newLeader,
} from './index.js';

const NAMES = ['a', 'b', 'c'] as const;
const ROUNDS = 1_200;

type Bug = 'acknowledges before the standby has it' | 'takeover by any head' | 'no fencing of the old leader';

interface Head {
  readonly name: string;
  log: string;
  /** Epoch of every entry; the first is entry 1. */
  entries: number[];
  promised: number;
  isUp: boolean;
  leader: LeaderState | undefined;
  epoch: number;
}

/** Every step is one thing that happens: an entry, a message, a crash, a takeover. Time is the number of the step. */
class World {
  readonly random: () => number;
  readonly heads: Head[];
  /** What the store says of the in-sync set, and under which epoch it was written. */
  kept: { epoch: number; inSync: readonly string[] } | undefined;
  acknowledged: { index: number; epoch: number }[] = [];
  epoch = 0;
  takeovers = 0;
  readonly problems: string[] = [];

  constructor(
    seed: number,
    private readonly bug: Bug | undefined,
  ) {
    this.random = seededRandom(seed);
    this.heads = NAMES.map((name) => ({
      name,
      log: `${name}/1`,
      entries: [],
      promised: 0,
      isUp: true,
      leader: undefined,
      epoch: 0,
    }));
  }

  run(): void {
    for (let nowMs = 0; nowMs < ROUNDS * 10; nowMs += 10) {
      const head = this.heads[randomInteger(this.random, NAMES.length)]!;
      const dice = this.random();
      if (dice < 0.35) this.append(head, nowMs);
      else if (dice < 0.8) this.follow(head, nowMs);
      else if (dice < 0.86) this.step(head, { type: 'tick' }, nowMs + 200);
      else if (dice < 0.92) this.takeOver(head);
      else if (dice < 0.95) this.crash(head);
      else if (dice < 0.99) head.isUp = true;
      else this.kept = undefined;
    }
  }

  position({ name, log, entries }: Head): HeadPosition {
    return { name, log, epoch: entries.at(-1) ?? 0, index: entries.length };
  }

  append(head: Head, nowMs: number): void {
    if (!head.isUp || head.leader === undefined) return;
    head.entries.push(head.epoch);
    const index = head.entries.length;
    this.step(head, { type: 'appended', index }, nowMs);
    this.step(head, { type: 'durable', index }, nowMs);
    if (this.bug === 'acknowledges before the standby has it') this.acknowledge(head, index);
  }

  /** A standby gets what a leader has, as its log allows. */
  follow(leader: Head, nowMs: number): void {
    const standby = this.heads[randomInteger(this.random, NAMES.length)]!;
    if (!leader.isUp || !standby.isUp || leader.leader === undefined || standby === leader) return;
    const isFenced = leader.epoch < standby.promised && this.bug !== 'no fencing of the old leader';
    if (isFenced || standby.leader !== undefined) return;
    standby.promised = Math.max(standby.promised, leader.epoch);
    const { index } = this.position(standby);
    const isPrefix = standby.entries.every((epoch, at) => leader.entries[at] === epoch);
    const { inSync, asked } = leader.leader;
    if (!isPrefix) {
      // The whole state anew, and only for one that does not count.
      if (inSync.includes(standby.log) || asked?.includes(standby.log)) {
        this.step(leader, { type: 'gone', log: standby.log }, nowMs);
        return;
      }
      standby.entries = [...leader.entries];
    } else {
      const some = randomInteger(this.random, 4);
      standby.entries.push(...leader.entries.slice(index, index + some));
    }
    const type = leader.leader.standbys.get(standby.log)?.isConnected ? 'confirmed' : 'follows';
    this.step(leader, { type, log: standby.log, index: standby.entries.length }, nowMs);
  }

  step(head: Head, event: Parameters<typeof leaderStep>[1], nowMs: number): void {
    if (head.leader === undefined || !head.isUp) return;
    for (const effect of leaderStep(head.leader, event, nowMs)) {
      if (effect.type === 'committed') this.acknowledge(head, effect.index);
      else if (this.kept !== undefined && this.kept.epoch <= head.epoch) {
        this.kept = { epoch: head.epoch, inSync: effect.inSync };
        this.step(head, { type: 'recorded' }, nowMs);
      }
      // Otherwise the store refuses: the change stays on its way for ever.
    }
  }

  acknowledge(head: Head, index: number): void {
    this.acknowledged.push({ index, epoch: head.entries[index - 1]! });
  }

  takeOver(head: Head): void {
    if (!head.isUp || head.leader !== undefined) return;
    const answers = new Map<string, HeadPosition>();
    const epoch = this.epoch + 1;
    for (const other of this.heads) {
      // Some are cut off, a paused leader among them.
      if (other === head || !other.isUp || this.random() < 0.2) continue;
      answers.set(other.name, this.position(other));
      if (this.kept?.inSync.includes(head.log)) continue;
      other.promised = Math.max(other.promised, epoch);
      if (this.bug !== 'no fencing of the old leader') other.leader = undefined;
    }
    const facts = { self: this.position(head), inSync: this.kept?.inSync, heads: [...NAMES], answers };
    if (this.bug !== 'takeover by any head' && mayLead(facts).type === 'wait') return;
    this.epoch = epoch;
    this.takeovers += 1;
    head.promised = epoch;
    head.epoch = epoch;
    for (const { index, epoch: of } of this.acknowledged)
      if (head.entries[index - 1] !== of) this.problems.push(`${head.name} leads without entry ${index}`);
    this.kept = { epoch, inSync: [head.log] };
    head.leader = newLeader(head.log, head.entries.length);
    head.entries.push(epoch);
    this.step(head, { type: 'appended', index: head.entries.length }, 0);
    this.step(head, { type: 'durable', index: head.entries.length }, 0);
  }

  /** Its journal survives. */
  crash(head: Head): void {
    head.isUp = false;
    head.leader = undefined;
  }
}

const runs = (bug?: Bug) =>
  Array.from({ length: 300 }, (_, seed) => {
    const world = new World(seed + 1, bug);
    world.run();
    return world;
  });

describe('replication', () => {
  it('loses no acknowledged entry, whoever leads next', () => {
    const worlds = runs();
    for (const { problems } of worlds) expect(problems).toEqual([]);
    const sum = (of: (world: World) => number) => worlds.reduce((total, world) => total + of(world), 0);
    // The runs are worth something: leaders change, and entries are acknowledged with standbys in the set.
    expect(sum(({ takeovers }) => takeovers)).toBeGreaterThan(1000);
    expect(sum(({ acknowledged }) => acknowledged.length)).toBeGreaterThan(5000);
  });

  it.each([
    'acknowledges before the standby has it',
    'takeover by any head',
    'no fencing of the old leader',
  ] as const)('notices a planted bug: %s', (bug) => {
    expect(runs(bug).some(({ problems }) => problems.length > 0)).toBe(true);
  });

  it('drops a standby that confirms nothing, and takes it back when it has everything', () => {
    const state = newLeader('a/1', 10);
    leaderStep(state, { type: 'durable', index: 10 }, 0);
    expect(leaderStep(state, { type: 'follows', log: 'b/1', index: 10 }, 0)).toEqual([
      { type: 'record', inSync: ['a/1', 'b/1'] },
    ]);
    leaderStep(state, { type: 'recorded' }, 0);
    leaderStep(state, { type: 'appended', index: 11 }, 100);
    expect(leaderStep(state, { type: 'durable', index: 11 }, 110)).toEqual([]);
    expect(leaderStep(state, { type: 'tick' }, 2_000)).toEqual([]);
    expect(leaderStep(state, { type: 'tick' }, 2_101)).toEqual([{ type: 'record', inSync: ['a/1'] }]);
    expect(leaderStep(state, { type: 'recorded' }, 2_110)).toEqual([{ type: 'committed', index: 11 }]);
    expect(leaderStep(state, { type: 'confirmed', log: 'b/1', index: 11 }, 2_200)).toEqual([
      { type: 'record', inSync: ['a/1', 'b/1'] },
    ]);
  });

  it('waits for a log that goes further, unless it is lost', () => {
    const at = (name: string, log: string, position: LogPosition): HeadPosition => ({
      name,
      log,
      ...position,
    });
    const self = at('b', 'b/1', { epoch: 1, index: 5 });
    const heads = ['a', 'b'];
    const facts = { self, heads, inSync: ['a/1'] };
    const answered = (log: string) => new Map([['a', at('a', log, { epoch: 0, index: 0 })]]);
    expect(mayLead({ ...facts, answers: new Map() }).type).toBe('wait');
    expect(mayLead({ ...facts, answers: answered('a/1') }).type).toBe('wait');
    expect(mayLead({ ...facts, answers: answered('a/2') })).toEqual({ type: 'lead' });
    expect(mayLead({ ...facts, inSync: ['a/1', 'b/1'], answers: new Map() })).toEqual({ type: 'lead' });
    expect(comparePositions({ epoch: 2, index: 1 }, { epoch: 1, index: 9 })).toBeGreaterThan(0);
  });
});
