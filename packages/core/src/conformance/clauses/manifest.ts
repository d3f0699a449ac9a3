/** What a backend says of itself before it has started. */
import { BACKEND_SPEC, FEATURES, isActorHost, isObjectStore, isStreamSource } from '../../contract/index.js';
import { defineClauses } from '../clause.js';
import { check, checkEqual, checkOneOf } from '../violation.js';

const MEMBERS = ['doStart', 'doSubmit', 'doCancel', 'doHealth', 'doStop'] as const;

export const manifestClauses = defineClauses('manifest', [
  {
    id: 'BC-01',
    title: 'speaks contract version 1, has an id and every member',
    async run(context) {
      const backend = await context.acquire();
      checkEqual(backend.spec, BACKEND_SPEC, 'spec');
      check(/^[a-z][a-z0-9-]*$/.test(backend.id), `the id "${backend.id}" is not in lower-case kebab-case`);
      for (const member of MEMBERS) checkEqual(typeof backend[member], 'function', member);
    },
  },
  {
    id: 'BC-02',
    title: 'gives every feature a level, and every level below native a reason',
    async run(context) {
      const { features } = context.manifest;
      for (const feature of FEATURES) {
        const support = features[feature];
        check(support !== undefined, `the manifest says nothing about ${feature}`);
        checkOneOf(support.level, ['native', 'emulated', 'absent'], feature);
        check(
          support.level === 'native' || support.reason,
          `${feature} is ${support.level} without a reason`,
        );
      }
      for (const feature of Object.keys(features)) {
        check((FEATURES as readonly string[]).includes(feature), `the manifest invents "${feature}"`);
      }
      check(
        context.has('task.typescript') || context.has('task.python') || context.has('task.kernel'),
        'the backend runs no kind of task at all',
      );
    },
  },
  {
    id: 'BC-03',
    title: 'rates itself from 1 to 4 and states its payload limit',
    async run(context) {
      for (const [name, rating] of Object.entries(context.manifest.ratings)) {
        check(Number.isInteger(rating) && rating >= 1 && rating <= 4, `the rating ${name} is ${rating}`);
      }
      const { payloadBytesMax } = context.manifest;
      check(
        Number.isSafeInteger(payloadBytesMax) && payloadBytesMax > 0,
        `payloadBytesMax ${payloadBytesMax}`,
      );
    },
  },
  {
    id: 'BC-04',
    title: 'has the side interfaces that its manifest promises',
    async run(context) {
      const backend = await context.acquire();
      if (context.has('objects')) check(isObjectStore(backend), 'objects without doPut, doGet, doRelease');
      if (context.has('streams')) check(isStreamSource(backend), 'streams without doStreamCredit');
      if (context.has('actors')) check(isActorHost(backend), 'actors without doActorStart, doActorStop');
      if (context.has('result-by-reference')) {
        check(isObjectStore(backend), 'results by reference without a store to read them from');
      }
    },
  },
]);
