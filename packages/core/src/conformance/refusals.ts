/** What must happen when a feature that the manifest calls absent is used all the same. */
import type { CancelStrategy, DefinitionReference, Feature, TaskEndEvent } from '../contract/index.js';
import { isActorHost, isObjectStore, isStreamSource, ObjectRef } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import type { ClauseContext } from './clause-context.js';
import { within } from './deadline.js';
import { check, checkEqual } from './violation.js';

type Refusal = (context: ClauseContext) => Promise<void>;

/** The clause that stands in for every clause needing `feature` where it is absent. */
export function refusalOf(feature: Feature): Refusal {
  return async (context) => {
    await CONTRACT_REFUSALS[feature]?.(context);
  };
}

/** Features a backend can be asked for directly. The others are asked of the client only. */
const CONTRACT_REFUSALS: Partial<Record<Feature, Refusal>> = {
  'task.typescript': (context) => refusesKind(context, context.fixtures.reference('typescript', 'echo')),
  'task.python': (context) => refusesKind(context, context.fixtures.reference('python', 'echo')),
  'task.kernel': (context) => refusesKind(context, context.fixtures.kernel('trap')),
  'task.gpu': async (context) => {
    const session = await context.open();
    checkRefused(await session.run('multiplyOnGpu', { size: 2 }, { kind: 'typescript', mode: 'gpu' }));
  },
  'placement.group': async (context) => {
    const session = await context.open();
    const group = { name: 'kit', rule: 'spread' } as const;
    checkRefused(await session.run('echo', 1, { placement: { group } }));
  },
  'cancel.ask': (context) => answersUnsupported(context, 'ask'),
  'cancel.kill': (context) => answersUnsupported(context, 'kill'),
  streams: async (context) => {
    const session = await context.open();
    check(!isStreamSource(session.backend), 'streams are absent, yet the backend has doStreamCredit');
    checkRefused(await session.run('streamCount', { count: 1 }, { output: 'stream' }));
  },
  'result-by-reference': async (context) => {
    const session = await context.open();
    checkRefused(await session.run('echo', 1, { output: 'reference' }));
  },
  objects: async (context) => {
    const session = await context.open();
    check(!isObjectStore(session.backend), 'objects are absent, yet the backend has doPut');
    checkRefused(await session.run('echo', new ObjectRef('nothing', session.backend.id)));
  },
  actors: async (context) => {
    const session = await context.open();
    const { backend } = session;
    if (!isActorHost(backend)) return;
    const start = backend.doActorStart({
      id: session.newId('actor'),
      definition: context.fixtures.reference(context.kind, 'Counter'),
      input: { from: 0 },
      options: { priority: 0, delivery: 'at-least-once', output: 'value' },
    });
    const error = await within(
      start.then(() => undefined).catch((thrown: unknown) => thrown),
      context.deadlineMs,
      () => 'the refusal of doActorStart',
    );
    check(AnantError.is(error, 'E_CAPABILITY_MISSING'), `doActorStart gave ${String(error)}`);
  },
};

async function refusesKind(context: ClauseContext, reference: DefinitionReference): Promise<void> {
  const session = await context.open();
  checkRefused(await session.run(reference, null));
}

async function answersUnsupported(context: ClauseContext, how: CancelStrategy): Promise<void> {
  const session = await context.open();
  const release = context.gate();
  const attempt = session.submitOne('waitForFile', { release });
  await session.log.started(attempt);
  checkEqual((await session.cancel(how, attempt)).join(), 'unsupported', `the answer to cancel by ${how}`);
  context.release(release);
  checkEqual((await session.log.end(attempt)).outcome.status, 'ok', 'the task that could not be cancelled');
}

export function checkRefused(end: TaskEndEvent, code = 'E_CAPABILITY_MISSING'): void {
  const { outcome } = end;
  checkEqual(outcome.status, 'refused', `the outcome of a task that needs ${code}`);
  if (outcome.status !== 'refused') return;
  checkEqual(outcome.code, code, `the code of the refusal ("${outcome.reason}")`);
  check(outcome.reason.length > 0, 'a refusal gives its reason');
}
