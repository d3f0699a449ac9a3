/** How attempts end when nothing is wrong with the backend. */
import { type DefinitionReference, GANG_TASKS_MAX } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { checkSame } from '../portable-equality.js';
import { checkRefused } from '../refusals.js';
import { check, checkEqual, checkOneOf } from '../violation.js';

export const outcomeClauses = defineClauses('outcome', [
  {
    id: 'BC-24',
    title: 'gives nothing back as nothing: undefined from TypeScript, None from Python',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const expected = context.kind === 'python' ? null : undefined;
      checkSame(await session.value('returnNothing'), expected, 'the value of a task that returns nothing');
    },
  },
  {
    id: 'BC-25',
    title: 'runs a task declared with defineTask by its run function',
    requires: ['task.typescript'],
    async run(context) {
      const session = await context.open();
      checkSame(await session.value(context.fixtures.declared(), { a: 2, b: 3 }), 5, 'declaredAdd');
    },
  },
  {
    id: 'BC-26',
    title: 'refuses a task whose module does not exist',
    kinds: CODE_KINDS,
    async run(context) {
      const reference = context.fixtures.reference(context.kind, 'echo');
      const missing: DefinitionReference =
        reference.kind === 'python'
          ? { ...reference, target: 'anant_no_such_package.module:echo' }
          : ({
              ...reference,
              module: new URL('./no-such-module.js', context.fixtures.locations.typescript).href,
            } as DefinitionReference);
      checkRefused(await (await context.open()).run(missing, 1), 'E_TASK_NOT_FOUND');
    },
  },
  {
    id: 'BC-27',
    title: 'refuses a task whose module has no such function',
    kinds: CODE_KINDS,
    async run(context) {
      const missing = context.fixtures.reference(context.kind, 'noSuchTask' as 'echo');
      checkRefused(await (await context.open()).run(missing, 1), 'E_TASK_NOT_FOUND');
    },
  },
  {
    id: 'BC-28',
    title: 'refuses a module whose contents are not those the client saw',
    kinds: ['typescript'],
    async run(context) {
      const reference = { ...context.fixtures.reference('typescript', 'echo'), version: '0123456789abcdef' };
      checkRefused(await (await context.open()).run(reference, 1), 'E_TASK_VERSION');
    },
  },
  {
    id: 'BC-29',
    title: 'reports a result that cannot be carried as an error of the task, with the path',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run('returnFunction');
      checkEqual(outcome.status, 'app-error', 'a task that returns a function');
      if (outcome.status !== 'app-error') return;
      checkEqual(outcome.error.code, 'E_VALUE_NOT_PORTABLE', 'its code');
      check(outcome.error.message.includes('rows[0].when'), `no path in "${outcome.error.message}"`);
      checkEqual(outcome.error.retryable, false, 'retryable');
      checkSame(await session.value('echo', 1), 1, 'the task after it');
    },
  },
  {
    id: 'BC-30',
    title: 'refuses impossible resources instead of waiting for ever',
    requires: ['resources'],
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run('echo', 1, { resources: { cpu: 1_000_000 } });
      checkEqual(outcome.status, 'refused', 'a task that needs a million cores');
    },
  },
  {
    id: 'BC-31',
    title: 'refuses a place that does not exist instead of waiting for ever',
    requires: ['placement'],
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run('echo', 1, { placement: { node: 'no-such-node' } });
      checkEqual(outcome.status, 'refused', 'a task for a node that does not exist');
    },
  },
  {
    id: 'BC-153',
    title: 'keeps a group on one node, begins a gang all at once, and refuses one that never could',
    requires: ['placement.group'],
    async run(context) {
      const session = await context.open();
      const name = session.newId('group');
      const gang = { name, rule: 'same-node', tasks: 2 } as const;
      const release = context.gate();
      const waits = () => session.submitOne('waitForFile', { release }, { placement: { group: gang } });
      const pair = [waits(), waits()];
      const [first, second] = await Promise.all(pair.map((attempt) => session.log.started(attempt)));
      checkEqual(first!.worker, second!.worker, 'the worker of the second task');
      context.release(release);
      for (const attempt of pair)
        checkEqual((await session.log.end(attempt)).outcome.status, 'ok', 'its end');
      const tooMany = { ...gang, name: session.newId('group'), tasks: GANG_TASKS_MAX };
      checkRefused(await session.run('echo', 1, { placement: { group: tooMany } }));
    },
  },
  {
    id: 'BC-32',
    title: 'refuses an input above its payload limit, and lives on',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const { payloadBytesMax } = context.manifest;
      if (payloadBytesMax > PAYLOAD_TRIED_BYTES_MAX) {
        // Too large to allocate here: the largest input that is tried must then work.
        const bytes = new Uint8Array(PAYLOAD_TRIED_BYTES_MAX / 4).fill(1);
        const digest = (await session.value('digestBytes', { bytes })) as { length: number };
        checkEqual(digest.length, bytes.length, 'the length that arrived');
        return;
      }
      const { outcome } = await session.run('echo', new Uint8Array(payloadBytesMax + 1));
      checkOneOf(outcome.status, ['refused'], 'an input one byte too large');
      if (outcome.status === 'refused') checkEqual(outcome.code, 'E_PAYLOAD_TOO_LARGE', 'its code');
      checkSame(await session.value('echo', 1), 1, 'the task after it');
    },
  },
  {
    id: 'BC-33',
    title: 'reports a result above its payload limit as an error of the task, and lives on',
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const { payloadBytesMax } = context.manifest;
      if (payloadBytesMax > PAYLOAD_TRIED_BYTES_MAX) {
        const bytes = (await session.value('returnLarge', {
          bytes: PAYLOAD_TRIED_BYTES_MAX / 4,
        })) as Uint8Array;
        checkEqual(bytes.length, PAYLOAD_TRIED_BYTES_MAX / 4, 'the length that arrived');
        return;
      }
      const { outcome } = await session.run('returnLarge', { bytes: payloadBytesMax + 1 });
      checkEqual(outcome.status, 'app-error', 'a result one byte too large');
      if (outcome.status === 'app-error') checkEqual(outcome.error.code, 'E_PAYLOAD_TOO_LARGE', 'its code');
      checkSame(await session.value('echo', 1), 1, 'the task after it');
    },
  },
]);

/** Payload limits above this are not tried to the byte: two cores and a shared machine have to hold them. */
const PAYLOAD_TRIED_BYTES_MAX = 128 * 1024 * 1024;
