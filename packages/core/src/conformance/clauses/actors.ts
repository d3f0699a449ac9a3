/** Actors: state that lives on one worker, called one at a time in order. */
import { type ActorHost, isActorHost, type TaskEndEvent, type TaskEnvelope } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import { within } from '../deadline.js';
import { okValue, type Session } from '../session.js';
import { check, checkEqual, checkOneOf, Violation } from '../violation.js';

function hostOf(session: Session): ActorHost {
  if (!isActorHost(session.backend)) throw new Violation('actors are promised, but there is no doActorStart');
  return session.backend;
}

class TestActor {
  private constructor(
    readonly session: Session,
    readonly id: string,
    readonly context: ClauseContext,
  ) {}

  static async start(
    context: ClauseContext,
    session: Session,
    from: number,
    name?: string,
  ): Promise<TestActor> {
    const id = name ?? session.newId('actor');
    const start = hostOf(session).doActorStart({
      id,
      definition: context.fixtures.reference(context.kind, 'Counter'),
      input: { from },
      options: { priority: 0, delivery: 'at-least-once', output: 'value' },
    });
    await within(start, session.deadlineMs, () => `doActorStart ${id}`);
    return new TestActor(session, id, context);
  }

  submit(method: string, input?: unknown): TaskEnvelope {
    const definition = this.context.fixtures.reference(this.context.kind, 'Counter');
    return this.session.submitOne(definition, input, { actor: { actor: this.id, method } });
  }

  call(method: string, input?: unknown): Promise<TaskEndEvent> {
    return this.session.log.end(this.submit(method, input));
  }

  async value(method: string, input?: unknown): Promise<unknown> {
    return okValue(await this.call(method, input), method);
  }

  stop(): Promise<void> {
    const stop = hostOf(this.session).doActorStop(this.id);
    return within(stop, this.session.deadlineMs, () => `doActorStop ${this.id}`);
  }
}

const requires = ['actors'] as const;

export const actorClauses = defineClauses('actors', [
  {
    id: 'BC-85',
    title: 'keeps the state of an actor between calls',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const actor = await TestActor.start(context, await context.open(), 10);
      checkEqual((await actor.value('add', 5)) as number, 15, 'the first call');
      checkEqual((await actor.value('add', -1)) as number, 14, 'the second call');
      await actor.stop();
    },
  },
  {
    id: 'BC-86',
    title: 'runs calls of an actor one at a time, in the order they were made',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const actor = await TestActor.start(context, session, 0);
      const calls = Array.from({ length: 50 }, (_, index) => actor.submit('add', index));
      let total = 0;
      for (const [index, call] of calls.entries()) {
        total += index;
        checkEqual(okValue(await session.log.end(call), 'add') as number, total, `call ${index}`);
      }
      await actor.stop();
    },
  },
  {
    id: 'BC-87',
    title: 'keeps actors apart',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const [left, right] = [
        await TestActor.start(context, session, 0),
        await TestActor.start(context, session, 100),
      ];
      await left.value('add', 1);
      checkEqual((await right.value('read')) as number, 100, 'the other actor');
      await Promise.all([left.stop(), right.stop()]);
    },
  },
  {
    id: 'BC-88',
    title: 'throws when the constructor throws, and when the name is taken',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const failed = await TestActor.start(context, session, -1).then(
        () => '',
        (error: Error) => error.message,
      );
      check(failed.includes('starts at 0'), `the constructor's error is "${failed}"`);
      const actor = await TestActor.start(context, session, 1);
      const second = await TestActor.start(context, session, 2, actor.id).then(
        () => 'started',
        () => 'refused',
      );
      checkEqual(second, 'refused', 'a second actor of that name');
      checkEqual((await actor.value('read')) as number, 1, 'the first actor');
      await actor.stop();
      const again = await TestActor.start(context, session, 3, actor.id);
      checkEqual((await again.value('read')) as number, 3, 'a new actor under the freed name');
      await again.stop();
    },
  },
  {
    id: 'BC-89',
    title: 'lives on after a method threw, and refuses a method it does not have',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const actor = await TestActor.start(context, await context.open(), 7);
      const { outcome } = await actor.call('refuse', 'not today');
      checkEqual(outcome.status, 'app-error', 'a method that throws');
      if (outcome.status === 'app-error') checkEqual(outcome.error.message, 'not today', 'its message');
      const missing = (await actor.call('noSuchMethod')).outcome;
      checkEqual(missing.status, 'refused', 'a method that does not exist');
      if (missing.status === 'refused') checkEqual(missing.code, 'E_TASK_NOT_FOUND', 'its code');
      checkEqual((await actor.value('read')) as number, 7, 'the state');
      await actor.stop();
    },
  },
  {
    id: 'BC-90',
    title: 'ends calls of a stopped actor as lost; stopping twice is fine',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const actor = await TestActor.start(context, session, 0);
      const [started, release] = [context.path('started'), context.gate()];
      const running = actor.submit('hold', { started, release });
      await session.target(running, started);
      const waiting = actor.submit('read');
      await actor.stop();
      checkEqual((await session.log.end(running)).outcome.status, 'lost', 'the running call');
      checkEqual((await session.log.end(waiting)).outcome.status, 'lost', 'the waiting call');
      await actor.stop();
      const { outcome } = await actor.call('read');
      checkOneOf(outcome.status, ['lost', 'refused'], 'a call after the stop');
    },
  },
  {
    id: 'BC-91',
    title: 'ends the calls of an actor whose worker died as lost, and nothing else',
    requires: ['actors', 'recovery.worker-loss'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const actor = await TestActor.start(context, session, 0);
      checkEqual((await actor.call('exit')).outcome.status, 'lost', 'the call that ended its worker');
      const { outcome } = await actor.call('read');
      checkOneOf(outcome.status, ['lost', 'refused'], 'a call after the death of the actor');
      checkEqual((await session.value('echo', 'alive')) as string, 'alive', 'a free task afterwards');
      await actor.stop();
      const next = await TestActor.start(context, session, 4, actor.id);
      checkEqual((await next.value('read')) as number, 4, 'a new actor under the freed name');
      await next.stop();
    },
  },
]);
