import { describe, expect, it } from 'vitest';
import type { BackendV1, ObjectStore, StartContext, TaskEvent } from '../contract/index.js';
import { memoryBackend } from '../testing/index.js';
import { runConformance } from './backend-conformance.js';
import { CLAUSE_GROUPS } from './clause.js';
import { CLAUSES } from './clauses/index.js';
import { renderReport } from './report.js';
import { sideInterfacesOf } from './side-interfaces.js';
import { renderSupportMatrix } from './support-matrix.js';

/** Short: a mutant that hangs is found when it is over. */
const DEADLINE_MS = 400;

type Mutation = (backend: BackendV1) => Partial<BackendV1 & ObjectStore>;

/** A memory backend with some members replaced. */
function mutant(mutate: Mutation): BackendV1 {
  const backend = memoryBackend();
  return {
    spec: backend.spec,
    id: backend.id,
    manifest: backend.manifest,
    doStart: (context) => backend.doStart(context),
    doSubmit: (tasks) => backend.doSubmit(tasks),
    doCancel: (requests) => backend.doCancel(requests),
    doHealth: () => backend.doHealth(),
    doStop: (options) => backend.doStop(options),
    ...sideInterfacesOf(backend),
    ...mutate(backend),
  };
}

/** Changes events on their way out. */
const events =
  (change: (event: TaskEvent) => readonly TaskEvent[]): Mutation =>
  (backend) => ({
    doStart: (context: StartContext) =>
      backend.doStart({ ...context, emit: (batch) => context.emit(batch.flatMap(change)) }),
  });

/** Changes values that end ok. */
const results = (change: (value: unknown) => unknown): Mutation =>
  events((event) => {
    if (event.type !== 'task-end' || event.outcome.status !== 'ok') return [event];
    return [{ ...event, outcome: { status: 'ok', value: change(event.outcome.value) } }];
  });

const mutants: readonly (readonly [name: string, clause: string, mutation: Mutation])[] = [
  [
    'ends every task twice',
    'BC-15',
    events((event) => (event.type === 'task-end' ? [event, event] : [event])),
  ],
  ['drops the end of every task', 'BC-15', events((event) => (event.type === 'task-end' ? [] : [event]))],
  ['says nothing of its worker', 'BC-14', events((event) => (event.type === 'task-start' ? [] : [event]))],
  ['turns -0 into 0', 'BC-40', results((value) => (Object.is(value, -0) ? 0 : value))],
  [
    'rounds doubles in arrays',
    'BC-41',
    results((value) => (value instanceof Float64Array ? value.map(Math.fround) : value)),
  ],
  [
    'turns a Map into an object',
    'BC-40',
    results((value) => (value instanceof Map ? Object.fromEntries(value) : value)),
  ],
  [
    'loses causes',
    'BC-35',
    events((event) => {
      if (event.type !== 'task-end' || event.outcome.status !== 'app-error') return [event];
      const { cause: _cause, ...error } = event.outcome.error;
      return [{ ...event, outcome: { status: 'app-error', error } }];
    }),
  ],
  [
    'calls a refusal an error of the task',
    'BC-27',
    events((event) => {
      if (event.type !== 'task-end' || event.outcome.status !== 'refused') return [event];
      const { code, reason } = event.outcome;
      return [{ ...event, outcome: { status: 'app-error', error: { type: code, message: reason } } }];
    }),
  ],
  [
    'says it cancelled and does not',
    'BC-54',
    () => ({ doCancel: async (requests) => requests.map(() => 'cancelled' as const) }),
  ],
  [
    'answers cancels in the wrong order',
    'BC-61',
    (backend) => ({ doCancel: async (requests) => [...(await backend.doCancel(requests))].reverse() }),
  ],
  ['gives credits away', 'BC-76', (backend) => ({ doSubmit: (tasks) => submitWithCredit(backend, tasks) })],
  ['throws when it is stopped', 'BC-10', (backend) => ({ doSubmit: throwAfterStop(backend) })],
  ['stops without ending its tasks', 'BC-09', () => ({ doStop: async () => {} })],
  ['never forgets an object', 'BC-68', () => ({ doRelease: () => {} })],
  ['forgets every object', 'BC-66', () => ({ doGet: async () => undefined })],
  [
    'says it is ready when it is stopped',
    'BC-10',
    (backend) => ({ doHealth: async () => ({ ...(await backend.doHealth()), state: 'ready' as const }) }),
  ],
  [
    'counts no open tasks',
    'BC-07',
    (backend) => ({ doHealth: async () => ({ ...(await backend.doHealth()), openTasks: 0 }) }),
  ],
  [
    'runs a second submission as a second task',
    'BC-18',
    (backend) => ({
      doSubmit(tasks) {
        backend.doSubmit(tasks.map((task) => ({ ...task, attempt: task.attempt + count++ })));
      },
    }),
  ],
  ['reports progress backwards', 'BC-83', events(progressBackwards)],
  [
    'keeps heartbeats to itself',
    'BC-84',
    events((event) => (event.type === 'task-heartbeat' ? [] : [event])),
  ],
  ['has streams it does not promise', 'BC-74', (backend) => ({ manifest: withoutStreams(backend) })],
  ['ignores retries of the same id', 'BC-112', ignoresSecondAttempts],
];

let count = 0;

function submitWithCredit(backend: BackendV1, tasks: Parameters<BackendV1['doSubmit']>[0]): void {
  backend.doSubmit(tasks);
  for (const { id, attempt } of tasks) sideInterfacesOf(backend).doStreamCredit?.(id, attempt, 100);
}

function throwAfterStop(backend: BackendV1): BackendV1['doSubmit'] {
  return (tasks) => {
    void backend.doHealth();
    backend.doSubmit(tasks);
    if (tasks.some(({ definition }) => definition.name === 'record')) throw new Error('stopped');
  };
}

function progressBackwards(event: TaskEvent): readonly TaskEvent[] {
  return event.type === 'task-progress' ? [{ ...event, done: event.total - event.done }] : [event];
}

function withoutStreams({ manifest }: BackendV1): BackendV1['manifest'] {
  return {
    ...manifest,
    features: { ...manifest.features, streams: { level: 'absent', reason: 'so it says' } },
  };
}

function ignoresSecondAttempts(backend: BackendV1): Partial<BackendV1> {
  return { doSubmit: (tasks) => backend.doSubmit(tasks.filter(({ attempt }) => attempt === 1)) };
}

describe('the conformance kit', () => {
  it('has at least 60 clauses, each with a number, a title and a group of its own kind', () => {
    const ids = CLAUSES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(60);
    for (const { id, title, group } of CLAUSES) {
      expect(id).toMatch(/^BC-\d{2,3}$/);
      expect(title).not.toMatch(/^[A-Z].*\.$/);
      expect(CLAUSE_GROUPS).toContain(group);
    }
    expect(new Set(CLAUSES.map(({ title, level }) => `${level} ${title}`)).size).toBe(CLAUSES.length);
  });

  it.each(mutants)('notices a backend that %s, by %s', async (_name, clause, mutation) => {
    const good = await runConformance({
      create: () => mutant(() => ({})),
      only: [clause],
      passes: ['traced'],
    });
    expect(good.results.map(({ status, detail }) => `${status} ${detail}`)).toEqual(['passed ']);
    const report = await runConformance({
      create: () => mutant(mutation),
      only: [clause],
      passes: ['traced'],
      deadlineMs: DEADLINE_MS,
      startTimeoutMs: DEADLINE_MS,
    });
    expect(report.results.map(({ status }) => status)).toEqual(['failed']);
    expect(report.results[0]!.detail).not.toBe('');
  });

  it('reports what it found, as data and as Markdown', async () => {
    const report = await runConformance({
      create: () => memoryBackend(),
      only: ['BC-15', 'BC-57', 'BC-73', 'BC-94'],
      passes: ['traced'],
    });
    expect(report).toMatchObject({
      backend: 'memory',
      counts: { passed: 1, refused: 2, failed: 0, 'not-injectable': 1 },
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(renderReport(report)).toContain('BC-57 kills a task that ignores everything | traced | refused');
    const matrix = renderSupportMatrix([report]);
    expect(matrix).toContain('| cancel.kill | – 1/1 |');
    expect(matrix).toContain('| not-injectable | 1 |');
    expect(renderSupportMatrix([report])).toBe(matrix);
  });

  it('refuses to run a clause it does not have', async () => {
    await expect(runConformance({ create: () => memoryBackend(), only: ['BC-999'] })).rejects.toThrow(
      'BC-999',
    );
  });

  it('reports a backend that does not start as the failure of every clause, with the reason', async () => {
    const report = await runConformance({
      create: () => mutant(() => ({ doStart: () => Promise.reject(new Error('no engine here')) })),
      only: ['BC-05', 'BC-15'],
      passes: ['traced'],
      deadlineMs: DEADLINE_MS,
      startTimeoutMs: DEADLINE_MS,
    });
    expect(report.counts.failed).toBe(2);
    for (const { detail } of report.results) expect(detail).toContain('no engine here');
  });
});
