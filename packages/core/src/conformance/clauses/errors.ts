/** Errors thrown by user code travel as data: type, message, causes and the remote traceback. */
import type { RemoteErrorData } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import type { FixtureName } from '../fixture-set.js';
import { checkSame } from '../portable-equality.js';
import { check, checkEqual } from '../violation.js';

/** Bytes of an error message that must still be recognisable; more may be cut. */
const MESSAGE_CHARACTERS_MAX = 8 * 1024 * 1024;

async function errorOf(context: ClauseContext, name: FixtureName, input: unknown): Promise<RemoteErrorData> {
  const session = await context.open();
  const { outcome } = await session.run(name, input);
  checkEqual(outcome.status, 'app-error', `the outcome of ${name} ${JSON.stringify(input)}`);
  checkSame(await session.value('echo', 'alive'), 'alive', 'the task after the error');
  if (outcome.status !== 'app-error') throw new TypeError('unreachable');
  return outcome.error;
}

export const errorClauses = defineClauses('errors', [
  {
    id: 'BC-34',
    title: 'keeps type and message of an error, and the remote traceback as text',
    kinds: CODE_KINDS,
    async run(context) {
      const error = await errorOf(context, 'fail', { kind: 'custom', message: 'ünique 7f3a' });
      checkEqual(error.type, 'ConformanceError', 'type');
      checkEqual(error.message, 'ünique 7f3a', 'message');
      check(
        error.traceback?.includes('fail'),
        `the traceback does not name the function: ${error.traceback}`,
      );
    },
  },
  {
    id: 'BC-35',
    title: 'keeps the chain of causes',
    kinds: CODE_KINDS,
    async run(context) {
      const error = await errorOf(context, 'fail', { kind: 'cause', message: 'the top' });
      const types = context.kind === 'python' ? ['IndexError', 'TypeError'] : ['RangeError', 'TypeError'];
      checkEqual(error.message, 'the top', 'message');
      checkEqual(error.cause?.message, 'the middle', 'message of the cause');
      checkEqual(error.cause?.type, types[0], 'type of the cause');
      checkEqual(error.cause?.cause?.message, 'the root', 'message of the cause of the cause');
      checkEqual(error.cause?.cause?.type, types[1], 'type of the cause of the cause');
    },
  },
  {
    id: 'BC-36',
    title: 'ends a chain of causes that bites its own tail',
    kinds: CODE_KINDS,
    async run(context) {
      const error = await errorOf(context, 'fail', { kind: 'loop', message: 'round' });
      checkEqual(error.message, 'round', 'message');
    },
  },
  {
    id: 'BC-37',
    title: 'reports what is thrown even when it is no error',
    kinds: CODE_KINDS,
    async run(context) {
      const text = await errorOf(context, 'fail', { kind: 'text', message: 'plain words' });
      check(text.message.includes('plain words'), `the message is "${text.message}"`);
      const nothing = await errorOf(context, 'fail', { kind: 'nothing', message: '' });
      check(nothing.type.length > 0, 'the type is empty');
      const record = await errorOf(context, 'fail', { kind: 'record', message: 'inside' });
      check(record.type.length > 0, 'the type is empty');
    },
  },
  {
    id: 'BC-38',
    title: 'survives an error message of 8 MiB',
    kinds: CODE_KINDS,
    async run(context) {
      const error = await errorOf(context, 'fail', { kind: 'huge', message: 'begins here ' });
      check(error.message.startsWith('begins here'), 'the start of the message is gone');
      check(error.message.length <= MESSAGE_CHARACTERS_MAX + 100, 'the message has grown');
    },
  },
  {
    id: 'BC-39',
    title: 'reports an error that escapes from a callback as an error of its task',
    // Without workers of its own a backend dies of it together with its caller.
    requires: ['recovery.worker-loss'],
    kinds: ['typescript'],
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run('failOutside', { message: 'escaped' });
      // In a pool of threads or processes this may cost the worker; it must not cost anything else.
      check(outcome.status === 'app-error' || outcome.status === 'lost', `it ended ${outcome.status}`);
      checkSame(await session.value('echo', 'alive'), 'alive', 'the task after the error');
    },
  },
]);
