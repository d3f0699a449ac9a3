/** A feature the caller cannot do without: given where it is there, refused with a code where it is not. */
import { FEATURES } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { defineClauses } from '../clause.js';
import { rejection } from '../rejection.js';
import { check, checkEqual } from '../violation.js';

const CODES: readonly string[] = ['E_NO_ROUTE', 'E_CAPABILITY_MISSING'];

export const requirementClauses = defineClauses('manifest', [
  {
    id: 'BC-150',
    title: 'lets tasks require every feature that is there, and refuses those that require one that is not',
    level: 'client',
    async run(context) {
      const client = await context.connect();
      const echo = await context.task<number>('echo');
      for (const feature of FEATURES) {
        const asked = (async () => client.run(echo, 1, { require: [feature] }))();
        if (context.has(feature)) {
          checkEqual(await asked, 1, `a task that requires ${feature}`);
          continue;
        }
        const error = await rejection(asked);
        check(
          AnantError.is(error) && CODES.includes(error.code),
          `${feature} is absent; requiring it gave ${String(error)}`,
        );
        check(error.message.includes(feature), `"${error.message}" does not name ${feature}`);
      }
    },
  },
  {
    id: 'BC-151',
    title: 'refuses tasks that need a feature to be native where it is only emulated',
    level: 'client',
    async run(context) {
      const client = await context.connect();
      const echo = await context.task<number>('echo');
      for (const feature of FEATURES) {
        const { level } = context.manifest.features[feature];
        const asked = (async () => client.run(echo, 1, { requireNative: [feature] }))();
        if (level === 'native') checkEqual(await asked, 1, `a task that requires native ${feature}`);
        else
          check(
            AnantError.is(await rejection(asked)),
            `${feature} is ${level}, not native, and was accepted`,
          );
      }
    },
  },
]);
