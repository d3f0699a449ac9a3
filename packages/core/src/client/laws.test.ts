/** Laws that hold whatever goes wrong: random faults, seeded, on a virtual clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome, TaskEvent } from '../contract/index.js';
import { defineTask } from '../define/index.js';
import {
  type MemoryBackend,
  memoryBackend,
  randomInteger,
  seededRandom,
  VirtualClock,
} from '../testing/index.js';
import { connect } from './connect.js';
import type { ClientEvent, SubmitOptions, TaskHandle } from './types/index.js';

const module = import.meta.url;
const KILLABLE = { 'cancel.kill': { level: 'native' } } as const;

/** Runs of user code by task id, over one simulation. */
type Runs = Map<string, number>;

function makeTask(clock: VirtualClock, runs: Runs) {
  return defineTask({
    module,
    export: 'work',
    run: async ({ ms, isBad }: { ms: number; isBad: boolean }, context) => {
      runs.set(context.taskId, (runs.get(context.taskId) ?? 0) + 1);
      await new Promise<void>((resolve, reject) => {
        const cancel = clock.schedule(ms, resolve);
        context.signal.addEventListener('abort', () => {
          cancel();
          reject(context.signal.reason);
        });
      });
      if (isBad) throw new RangeError('bad luck');
      return `${context.taskId} done`;
    },
  });
}

interface Simulation {
  readonly outcomes: readonly Outcome[];
  readonly handles: readonly TaskHandle[];
  readonly options: readonly SubmitOptions[];
  readonly runs: Runs;
  readonly events: readonly ClientEvent[];
  readonly clock: VirtualClock;
  readonly tasks: number;
  readonly retries: number;
}

const TASKS = 60;
const RESERVE = 5;

async function simulate(seed: number): Promise<Simulation> {
  const random = seededRandom(seed);
  const chance = (probability: number) => random() < probability;
  const clock = new VirtualClock();
  const runs: Runs = new Map();
  const backends = {
    one: memoryBackend({ id: 'one', slots: 3, windowTasks: 8, features: KILLABLE }),
    two: memoryBackend({ id: 'two', slots: 2, windowTasks: 4 }),
  };
  for (const backend of Object.values(backends)) {
    backend.faults.onEvent = (event: TaskEvent) => {
      if (event.type === 'backend-state' || chance(0.7)) return 'deliver';
      if (event.type === 'task-end')
        return chance(0.5) ? 'duplicate' : { delayMs: randomInteger(random, 200) };
      return chance(0.5) ? 'drop' : 'duplicate';
    };
    backend.faults.onSubmit = () => (chance(0.03) ? { code: 'E_X', reason: 'not today' } : undefined);
  }
  const client = connect({
    backends,
    workloads: { work: { primary: ['one'], secondary: ['two'], fallback: 'allow' } },
    limits: { retryReserve: RESERVE, downGraceMs: 500, breakerOpenMs: 300 },
    clock,
    random,
  });
  const events: ClientEvent[] = [];
  void (async () => {
    for await (const event of client.events()) events.push(event);
  })();
  const task = makeTask(clock, runs);
  const handles: TaskHandle[] = [];
  const options: SubmitOptions[] = [];
  for (let index = 0; index < TASKS; index++) {
    const own = {
      workload: 'work',
      priority: randomInteger(random, 3) - 1,
      delivery: chance(0.3) ? 'at-most-once' : 'at-least-once',
      retry: {
        attempts: 1 + randomInteger(random, 4),
        on: chance(0.5) ? ['lost', 'app-error'] : ['lost', 'timeout'],
      },
      timeouts: {
        scheduleToCloseMs: 20_000,
        ...(chance(0.3) && { startToCloseMs: 100 }),
        ...(chance(0.2) && { heartbeatMs: 80 }),
      },
      cancel: { graceMs: 50 },
      ...(chance(0.2) && { delayMs: randomInteger(random, 300) }),
    } satisfies SubmitOptions;
    options.push(own);
    const input = { ms: randomInteger(random, 150), isBad: chance(0.2) };
    handles.push(client.submit(task, input, own) as TaskHandle);
    await disturb(backends, handles, clock, random);
  }
  const outcomes = await clock.drive(Promise.all(handles.map((handle) => handle.outcome())));
  const close = client.close();
  for (const backend of Object.values(backends)) backend.faults.comeUp();
  await clock.drive(close);
  await clock.runUntilIdle();
  const retries = events.filter(({ type }) => type === 'task-retry').length;
  return { outcomes, handles, options, runs, events, clock, tasks: TASKS, retries };
}

async function disturb(
  backends: Record<string, MemoryBackend>,
  handles: readonly TaskHandle[],
  clock: VirtualClock,
  random: () => number,
): Promise<void> {
  const chosen = handles[randomInteger(random, handles.length)]!;
  const draw = random();
  const { faults } = random() < 0.7 ? backends.one! : backends.two!;
  if (draw < 0.15) faults.crashWorkerOf(chosen.id);
  else if (draw < 0.2) faults.goDown('chaos');
  else if (draw < 0.4) faults.comeUp();
  else if (draw < 0.5) void chosen.cancel(random() < 0.5 ? 'ask' : 'forget').catch(() => {});
  await clock.advance(randomInteger(random, 40));
}

describe('under random faults', () => {
  it('every task ends exactly once, as something, and nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { outcomes, handles, options, runs, events, clock, retries, tasks } = await simulate(seed);
        const ends = new Map<string, number>();
        for (const event of events) {
          if (event.type === 'task-end') ends.set(event.id, (ends.get(event.id) ?? 0) + 1);
        }
        for (const [index, handle] of handles.entries()) {
          const outcome = outcomes[index]!;
          const own = options[index]!;
          const ran = runs.get(handle.id) ?? 0;
          expect(ends.get(handle.id)).toBe(1);
          expect(await handle.outcome()).toBe(outcome);
          expect(ran).toBeLessThanOrEqual(own.retry!.attempts!);
          if (own.delivery === 'at-most-once') expect(ran).toBeLessThanOrEqual(1);
          if (outcome.status === 'ok') {
            expect(outcome.value).toBe(`${handle.id} done`);
            expect(ran).toBeGreaterThan(0);
          }
          expect(outcome.elapsedMs).toBeLessThanOrEqual(20_000 + 300);
        }
        // A tenth of the traffic and the reserve.
        expect(retries).toBeLessThanOrEqual(RESERVE + tasks * 0.1);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('the same seed gives the same history', async () => {
    for (const seed of [1, 2, 3]) {
      const history = async () => (await simulate(seed)).events.map((event) => JSON.stringify(event));
      expect(await history()).toEqual(await history());
    }
  });
});
