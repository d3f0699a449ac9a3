import { seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import {
  type ClusterObservation,
  NEW_SCALER,
  resolveScaler,
  type ScalerDecision,
  type ScalerOptions,
  scale,
} from './index.js';

const TICK_MS = 1_000;
const TASK_MS = 200;
const SLOTS = 2;

interface TrialWorker {
  readonly node: string;
  readonly readyAtMs: number;
  draining: boolean;
}

/** A cluster of queues: tasks arrive as a load says, each slot ends five a second, workers take a while to boot. */
class Trial {
  nowMs = 0;
  queued = 0;
  ended = 0;
  workers: TrialWorker[] = [];
  readonly counts: number[] = [];
  readonly decisions: ScalerDecision[] = [];
  #state = NEW_SCALER;
  #made = 0;

  constructor(
    readonly options: ScalerOptions,
    readonly bootMs = 0,
  ) {}

  get ready(): readonly TrialWorker[] {
    return this.workers.filter(({ readyAtMs }) => readyAtMs <= this.nowMs);
  }

  /** @param arrivals tasks per second @param answers whether the cluster says how it is */
  run(seconds: number, arrivals: (second: number) => number, answers = true): this {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += TICK_MS;
      this.queued += arrivals(second);
      const working = this.ready.filter(({ draining }) => !draining);
      const most = working.length * SLOTS * (TICK_MS / TASK_MS);
      const done = Math.min(this.queued, most);
      this.queued -= done;
      this.ended += done;
      this.#tick(answers ? this.#observe(working, done) : undefined);
    }
    return this;
  }

  #observe(working: readonly TrialWorker[], done: number): ClusterObservation {
    const busy = (done * TASK_MS) / TICK_MS / SLOTS / Math.max(1, working.length);
    return {
      atMs: this.nowMs,
      queued: Math.round(this.queued),
      ended: Math.round(this.ended),
      epoch: 1,
      workers: this.ready.map(({ node, readyAtMs, draining }) => ({
        node,
        state: draining ? 'draining' : 'ready',
        slots: SLOTS,
        running: busy * SLOTS,
        assigned: busy * SLOTS,
        joinedMsAgo: this.nowMs - readyAtMs,
      })),
    };
  }

  #tick(observation: ClusterObservation | undefined): void {
    const [state, decision] = scale(this.#state, observation, resolveScaler(this.options));
    this.#state = state;
    this.decisions.push(decision);
    if (decision.type === 'grow') {
      for (let at = 0; at < decision.count; at++) {
        const node = `w${this.#made++}`;
        this.workers.push({ node, readyAtMs: this.nowMs + this.bootMs, draining: false });
      }
    }
    if (decision.type === 'shrink')
      this.workers = this.workers.filter(({ node }) => !decision.nodes.includes(node));
    this.counts.push(this.workers.length);
  }

  /** How often the number of workers turned from rising to falling or back. */
  get reversals(): number {
    const steps = this.counts
      .map((count, at) => Math.sign(count - (this.counts[at - 1] ?? count)))
      .filter(Boolean);
    return steps.filter((step, at) => at > 0 && step !== steps[at - 1]).length;
  }
}

const options: ScalerOptions = { workersMin: 1, workersMax: 20, downWindowMs: 60_000 };

describe('the scaler', () => {
  it('starts the workers that are always there at once', () => {
    const trial = new Trial({ ...options, workersMin: 3 }).run(1, () => 0);
    expect(trial.counts).toEqual([3]);
  });

  it('reaches what a tenfold load needs within 30 seconds, and stays there', () => {
    const trial = new Trial(options).run(60, () => 5);
    expect(trial.counts.at(-1)).toBe(1);
    trial.run(60, () => 80);
    expect(trial.counts.slice(60, 90).at(-1)).toBeGreaterThanOrEqual(8);
    expect(trial.queued).toBe(0);
    trial.run(120, () => 80);
    expect(trial.counts.at(-1)).toBe(10);
  });

  it('takes workers away only after the whole down window wanted fewer, and never below the least', () => {
    const trial = new Trial(options).run(120, () => 80);
    const many = trial.counts.at(-1)!;
    trial.run(55, () => 0);
    expect(trial.counts.at(-1)).toBe(many);
    trial.run(120, () => 0);
    expect(trial.counts.at(-1)).toBe(1);
  });

  it('turns at most twice per step of a square wave', () => {
    const trial = new Trial(options);
    for (let wave = 0; wave < 4; wave++) trial.run(200, () => 60).run(200, () => 5);
    expect(trial.reversals).toBeLessThanOrEqual(8);
  });

  it('does not follow a wave that is shorter than its down window', () => {
    const trial = new Trial(options).run(200, () => 40);
    const settled = trial.counts.length;
    const before = trial.reversals;
    for (let wave = 0; wave < 10; wave++) trial.run(20, () => 40).run(20, () => 10);
    expect(Math.min(...trial.counts.slice(settled))).toBeGreaterThanOrEqual(4);
    expect(trial.reversals).toBe(before);
  });

  it('holds still under noise of 8 percent', () => {
    const random = seededRandom(7);
    const trial = new Trial(options).run(120, () => 40);
    const before = trial.counts.length;
    trial.run(600, () => 40 * (0.92 + 0.16 * random()));
    expect(new Set(trial.counts.slice(before)).size).toBeLessThanOrEqual(2);
  });

  it('counts on workers that boot, and does not start others in their place', () => {
    const trial = new Trial(options, 60_000).run(180, () => 40);
    expect(trial.queued).toBe(0);
    expect(Math.max(...trial.counts)).toBeLessThanOrEqual(20);
    const grown = trial.decisions.filter(({ type }) => type === 'grow');
    expect(grown.length).toBeLessThanOrEqual(8);
  });

  it('asks again for a worker that never joined', () => {
    const trial = new Trial({ ...options, bootMsMax: 10_000 }, Number.POSITIVE_INFINITY).run(30, () => 0);
    expect(trial.decisions.filter(({ type }) => type === 'grow').length).toBe(3);
  });

  it('changes nothing while the cluster does not answer, and not at once afterwards', () => {
    const trial = new Trial(options).run(100, () => 80);
    const before = trial.counts.at(-1);
    trial.run(300, () => 0, false).run(55, () => 0);
    expect(new Set(trial.counts.slice(100))).toEqual(new Set([before]));
  });

  it('takes away who has the fewest tasks, then the youngest', () => {
    const worker = (node: string, assigned: number, joinedMsAgo: number) => ({
      node,
      state: 'ready' as const,
      slots: 1,
      running: 0,
      assigned,
      joinedMsAgo,
    });
    const workers = [worker('busy', 3, 1), worker('old', 0, 90), worker('young', 0, 10)];
    const settings = resolveScaler({ workersMax: 5, downWindowMs: 0, upWindowMs: 0, stepMax: 1 });
    const observation = { atMs: 1_000, queued: 0, ended: 0, epoch: 1, workers };
    const [state] = scale(NEW_SCALER, observation, settings);
    const [, decision] = scale(state, { ...observation, atMs: 2_000 }, settings);
    expect(decision).toMatchObject({ type: 'shrink', nodes: ['young'] });
  });

  it.each<[Partial<ScalerOptions>, RegExp]>([
    [{ workersMax: 0 }, /workersMax must be a whole number from 1/],
    [{ workersMin: 5, workersMax: 4 }, /workersMax must be a whole number from 5/],
    [{ utilisationTarget: 0 }, /utilisationTarget must be above 0/],
    [{ drainTargetMs: 0 }, /drainTargetMs must be above 0/],
  ])('refuses %j', (wrong, message) => {
    expect(() => resolveScaler({ workersMax: 4, ...wrong })).toThrow(message);
  });
});
