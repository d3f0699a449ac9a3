/** Nothing is left behind: no open task, no handle, no process. */
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { until, within } from '../deadline.js';
import { okValue } from '../session.js';
import { check, checkEqual } from '../violation.js';

const LEAK_TASKS = 3000;
const BATCH_TASKS = 250;
/** Pools may open a connection or two late. */
const DESCRIPTORS_SPARE = 4;

/** Closed sockets may keep a descriptor until they are collected. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Open file descriptors of this process; undefined where the system does not say. */
function descriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

/** Processes below this one, at any depth; undefined where the system does not say. */
function descendants(): ReadonlySet<number> | undefined {
  try {
    const parentOf = new Map<number, number>();
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const stat = statOf(name);
      if (stat !== undefined) parentOf.set(Number(name), stat);
    }
    const found = new Set<number>([process.pid]);
    for (let size = 0; size !== found.size; ) {
      size = found.size;
      for (const [pid, parent] of parentOf) if (found.has(parent)) found.add(pid);
    }
    found.delete(process.pid);
    return found;
  } catch {
    return undefined;
  }
}

/** Parent of a live process. A zombie that nobody has reaped yet is no live process. */
function statOf(pid: string): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[1]);
  } catch {
    return undefined;
  }
}

async function runMany(
  context: ClauseContext,
  session: Awaited<ReturnType<ClauseContext['open']>>,
  count: number,
) {
  for (let done = 0; done < count; done += BATCH_TASKS) {
    const attempts = session.submit(
      Array.from({ length: BATCH_TASKS }, (_, index) => ['echo', { index, run: done }] as const),
    );
    for (const attempt of attempts) okValue(await session.log.end(attempt, context.deadlineMs), 'echo');
  }
}

export const leakClauses = defineClauses('leaks', [
  {
    id: 'BC-103',
    title: `has no more open tasks or file descriptors after ${LEAK_TASKS} tasks than before`,
    async run(context) {
      const session = await context.open();
      await runMany(context, session, BATCH_TASKS);
      const before = descriptors();
      await runMany(context, session, LEAK_TASKS);
      collectGarbage();
      await until(
        async () => ((await session.backend.doHealth()).openTasks === 0 ? true : undefined),
        context.deadlineMs,
        () => 'the return to no open task',
      );
      const after = descriptors();
      if (before === undefined || after === undefined) return;
      check(after <= before + DESCRIPTORS_SPARE, `${after} file descriptors, ${before} before`);
    },
  },
  {
    id: 'BC-104',
    title: 'leaves no process behind when it stops with work open',
    scope: 'fresh',
    async run(context) {
      const processesBefore = descendants();
      const session = await context.open();
      const release = context.gate();
      const attempt = session.submitOne('waitForFile', { release });
      await session.log.started(attempt);
      await runMany(context, session, BATCH_TASKS);
      await session.stop(0);
      await until(
        () => {
          const left = [...(descendants() ?? [])].filter((pid) => !processesBefore?.has(pid));
          return left.length === 0 ? true : undefined;
        },
        context.deadlineMs,
        () => 'the end of every process it had started',
      );
    },
  },
  {
    id: 'BC-105',
    title: 'may be started, stopped and made anew, and leaves no file descriptor behind',
    scope: 'fresh',
    async run(context) {
      const left: (number | undefined)[] = [];
      // The first round opens what this process keeps for good.
      for (let round = 0; round < 2; round++) {
        const backend = await context.acquire();
        const session = context.sessionOn(backend);
        await session.start();
        checkEqual((await session.value('echo', round)) as number, round, `round ${round}`);
        await within(backend.doStop({ graceMs: 0 }), context.deadlineMs, () => `doStop ${round}`);
        if (left.length > 0) continue;
        collectGarbage();
        left.push(descriptors());
      }
      await until(
        () => {
          collectGarbage();
          return (descriptors() ?? 0) <= (left[0] ?? 0) ? true : undefined;
        },
        context.deadlineMs,
        () => `the return to ${left[0]} file descriptors (now ${descriptors()})`,
      );
    },
  },
]);
