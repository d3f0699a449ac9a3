/** Three heads, a store that may lose what it knew, and a network that loses and cuts: no acknowledged entry is ever lost. */
import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import {
  comparePositions,
  type HeadPosition,
  type LeaderState,
  type LogPosition,
  leaderStep,
  mayForget,
  mayLead,
  nameOfLog,
  newLeader,
} from './index.js';

const NAMES = ['a', 'b', 'c'] as const;
const ROUNDS = 1_200;

type Bug =
  | 'acknowledges before the standby has it'
  | 'takeover by any head'
  | 'no fencing of the old leader'
  | 'forgets a head that has more than the others'
  | 'forgets one that may lead';

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
  /** What Redis says of heads that are gone for ever; some of them come back. */
  forgotten = new Set<string>();
  /** Entries that say that a head is gone, or is back, by epoch and index. */
  readonly notes = new Map<string, { readonly name: string; readonly is: 'gone' | 'back' }>();
  forgets = 0;
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
      else if (dice < 0.945) this.crash(head);
      else if (dice < 0.965) this.forget(head, nowMs);
      else if (dice < 0.99) head.isUp = true;
      else {
        this.kept = undefined;
        this.forgotten = new Set();
      }
    }
  }

  position({ name, log, entries }: Head): HeadPosition {
    return { name, log, epoch: entries.at(-1) ?? 0, index: entries.length };
  }

  /** Heads that are gone for ever, as this head's log says. */
  goneBy({ entries }: Head): Set<string> {
    const gone = new Set<string>();
    entries.forEach((epoch, at) => {
      const note = this.notes.get(`${epoch}/${at + 1}`);
      if (note?.is === 'gone') gone.add(note.name);
      else if (note !== undefined) gone.delete(note.name);
    });
    return gone;
  }

  append(head: Head, nowMs: number, note?: { readonly name: string; readonly is: 'gone' | 'back' }): void {
    if (!head.isUp || head.leader === undefined) return;
    head.entries.push(head.epoch);
    if (note !== undefined) this.notes.set(`${head.epoch}/${head.entries.length}`, note);
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
    if (this.goneBy(leader).has(standby.name)) this.append(leader, nowMs, { name: standby.name, is: 'back' });
    const type = leader.leader.standbys.get(standby.log)?.isConnected ? 'confirmed' : 'follows';
    this.step(leader, { type, log: standby.log, index: standby.entries.length }, nowMs);
  }

  step(head: Head, event: Parameters<typeof leaderStep>[1], nowMs: number): void {
    if (head.leader === undefined || !head.isUp) return;
    for (const effect of leaderStep(head.leader, event, nowMs)) {
      if (effect.type === 'committed') this.acknowledge(head, effect.index);
      else if (this.kept !== undefined && this.kept.epoch <= head.epoch) {
        this.kept = { epoch: head.epoch, inSync: effect.inSync };
        for (const log of effect.inSync) this.forgotten.delete(nameOfLog(log));
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
    const redis = [...this.forgotten].filter((name) => name !== head.name);
    const forgotten = [...redis, ...this.goneBy(head)];
    const facts = {
      self: this.position(head),
      inSync: this.kept?.inSync,
      heads: [...NAMES],
      answers,
      forgotten,
    };
    if (this.bug !== 'takeover by any head' && mayLead(facts).type === 'wait') return;
    this.epoch = epoch;
    this.takeovers += 1;
    head.promised = epoch;
    head.epoch = epoch;
    for (const { index, epoch: of } of this.acknowledged)
      if (head.entries[index - 1] !== of) this.problems.push(`${head.name} leads without entry ${index}`);
    this.kept = { epoch, inSync: [head.log] };
    this.forgotten.delete(head.name);
    const wasGone = this.goneBy(head).has(head.name);
    head.leader = newLeader(head.log, head.entries.length);
    head.entries.push(epoch);
    if (wasGone) this.notes.set(`${epoch}/${head.entries.length}`, { name: head.name, is: 'back' });
    this.step(head, { type: 'appended', index: head.entries.length }, 0);
    this.step(head, { type: 'durable', index: head.entries.length }, 0);
  }

  /** Somebody says that a head that is down is gone for ever, without accepting a loss. */
  forget(asked: Head, nowMs: number): void {
    const gone = this.heads[randomInteger(this.random, NAMES.length)]!;
    if (!asked.isUp) return;
    const answers = new Map<string, HeadPosition>();
    for (const other of this.heads) {
      if (other !== asked && other.isUp) answers.set(other.name, this.position(other));
    }
    if (this.heads.some(({ isUp, leader }) => isUp && leader !== undefined) && asked.leader === undefined)
      return;
    const verdict = mayForget({
      name: gone.name,
      self: this.position(asked),
      role: asked.leader === undefined ? 'standby' : 'leader',
      heads: [...NAMES],
      inSync: this.kept?.inSync,
      answers,
      loss: this.bug === 'forgets a head that has more than the others' ? 'accepted' : 'refused',
    });
    if (verdict.type === 'refuse') return;
    if (asked.leader !== undefined) {
      const { inSync, asked: wanted = [] } = asked.leader;
      // As long as it may lead next, a leader does not say so.
      if (this.bug !== 'forgets one that may lead' && [...inSync, ...wanted].includes(gone.log)) return;
      this.append(asked, nowMs, { name: gone.name, is: 'gone' });
    } else if (this.kept !== undefined) {
      const inSync = this.kept.inSync.filter((log) => log !== gone.log);
      this.kept = { ...this.kept, inSync };
      this.forgotten.add(gone.name);
    }
    this.forgets += 1;
  }

  /** Its journal survives. */
  crash(head: Head): void {
    head.isUp = false;
    head.leader = undefined;
  }
}

function* runs(bug?: Bug): Generator<World> {
  for (let seed = 1; seed <= 600; seed += 1) {
    const world = new World(seed, bug);
    world.run();
    yield world;
  }
}

describe('replication', () => {
  it('loses no acknowledged entry, whoever leads next', () => {
    const worlds = [...runs()];
    for (const { problems } of worlds) expect(problems).toEqual([]);
    const sum = (of: (world: World) => number) => worlds.reduce((total, world) => total + of(world), 0);
    // The runs are worth something: leaders change, and entries are acknowledged with standbys in the set.
    expect(sum(({ takeovers }) => takeovers)).toBeGreaterThan(1000);
    expect(sum(({ acknowledged }) => acknowledged.length)).toBeGreaterThan(5000);
    expect(sum(({ forgets }) => forgets)).toBeGreaterThan(100);
  });

  it.each([
    'acknowledges before the standby has it',
    'takeover by any head',
    'no fencing of the old leader',
    'forgets a head that has more than the others',
    'forgets one that may lead',
  ] as const)('notices a planted bug: %s', (bug) => {
    // Only as far as the first one.
    const worlds = runs(bug);
    let world = worlds.next();
    while (!world.done && world.value.problems.length === 0) world = worlds.next();
    expect(world.done).toBe(false);
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

  describe('a head that is said to be gone for ever', () => {
    const at = (name: string, index: number): HeadPosition => ({ name, log: `${name}/1`, epoch: 1, index });
    const answered = (...heads: HeadPosition[]) => new Map(heads.map((head) => [head.name, head]));
    const facts = {
      name: 'a',
      self: at('b', 5),
      role: 'standby',
      heads: ['a', 'b', 'c'],
      inSync: ['a/1'],
      answers: answered(at('c', 3)),
      loss: 'refused',
    } as const;

    it('is not, while it answers or is not known', () => {
      expect(mayForget({ ...facts, answers: answered(at('a', 5)) })).toMatchObject({ why: 'alive' });
      expect(mayForget({ ...facts, name: 'b' })).toMatchObject({ why: 'alive' });
      expect(mayForget({ ...facts, name: 'd' })).toMatchObject({ why: 'unknown' });
    });

    it('is forgotten without loss by a head that leads, or while another one has everything', () => {
      expect(mayForget({ ...facts, role: 'leader' })).toEqual({ type: 'forget', loss: 'none' });
      expect(mayForget({ ...facts, inSync: ['a/1', 'd/1'] })).toEqual({ type: 'forget', loss: 'none' });
      expect(mayForget({ ...facts, inSync: ['a/1', 'c/1'] })).toMatchObject({ why: 'soon' });
      expect(mayForget({ ...facts, inSync: ['a/1', 'b/1'] })).toMatchObject({ why: 'soon' });
    });

    it('takes what only it has along, when that is accepted', () => {
      for (const inSync of [['a/1'], undefined]) {
        expect(mayForget({ ...facts, inSync })).toMatchObject({ why: 'loss' });
        const verdict = mayForget({ ...facts, inSync, loss: 'accepted' });
        expect(verdict).toEqual({ type: 'forget', loss: 'possible' });
      }
    });

    it('is not waited for, and counts when it answers all the same', () => {
      const takeover = { self: at('b', 5), inSync: [], heads: ['a', 'b'], forgotten: ['a'] };
      expect(mayLead({ ...takeover, answers: new Map() })).toEqual({ type: 'lead' });
      expect(mayLead({ ...takeover, answers: answered(at('a', 6)) }).type).toBe('wait');
    });

    it('does not lead before it was taken back', () => {
      const takeover = { self: at('b', 5), heads: ['b'], forgotten: ['b'], answers: new Map() };
      expect(mayLead({ ...takeover, inSync: [] }).type).toBe('wait');
      expect(mayLead({ ...takeover, inSync: ['b/1'] })).toEqual({ type: 'lead' });
    });
  });
});
