/** Cancelling through the client. */
import { AnantError } from '../../error/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileText } from '../deadline.js';
import { rejection } from '../rejection.js';
import { check, checkEqual, checkOneOf } from '../violation.js';

export const clientCancelClauses = defineClauses('cancel', [
  {
    id: 'BC-138',
    title: 'cancels by handle and by AbortSignal, and the outcome says how',
    level: 'client',
    requires: ['cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const sleep = await context.task('sleepUntilSignal');
      const [mark, second] = [context.path('started'), context.path('started')];
      const handle = client.submit(sleep, { started: mark });
      await fileText(mark, context.deadlineMs);
      checkOneOf(await handle.cancel('ask'), ['requested', 'cancelled'], 'the answer');
      const outcome = await handle.outcome();
      checkEqual(outcome.status, 'cancelled', 'by handle');
      if (outcome.status === 'cancelled') checkEqual(outcome.how, 'ask', 'how');
      const controller = new AbortController();
      const signalled = client.submit(sleep, { started: second }, { signal: controller.signal });
      await fileText(second, context.deadlineMs);
      controller.abort();
      checkEqual((await signalled.outcome()).status, 'cancelled', 'by signal');
      check(
        AnantError.is(await rejection(signalled.result()), 'E_CANCELLED'),
        'result() rejects with E_CANCELLED',
      );
    },
  },
  {
    id: 'BC-139',
    title: 'goes from asking to killing when the task does not listen',
    level: 'client',
    requires: ['cancel.ask', 'cancel.kill'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const started = context.path('started');
      const controller = new AbortController();
      const handle = client.submit(
        await context.task('hang'),
        { started },
        { signal: controller.signal, cancel: { how: 'ask', graceMs: 50, escalate: 'kill' } },
      );
      await fileText(started, context.deadlineMs);
      controller.abort();
      checkEqual((await handle.outcome()).status, 'cancelled', 'the outcome');
      checkEqual(await client.run(await context.task<string>('echo'), 'alive'), 'alive', 'the task after it');
    },
  },
]);
