/** Graphs of tasks: shape kept, failures passed on, intermediate results left where they are. */
import type { TaskEnvelope } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { fileLines } from '../deadline.js';
import { checkSame } from '../portable-equality.js';
import { check, checkEqual, checkOneOf } from '../violation.js';
import { withSpy } from '../with-spy.js';

const WIDTH = 40;
const CHAIN = 15;

const requires = ['graph'] as const;

export const graphClauses = defineClauses('graph', [
  {
    id: 'BC-120',
    title: 'runs a diamond',
    level: 'client',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const add = await context.task<number>('add');
      const handle = client.graph((graph) => {
        const top = graph.add(add, { a: 1, b: 2 });
        const left = graph.add(add, { a: top, b: 10 });
        const right = graph.add(add, { a: top, b: 100 });
        return { top, bottom: graph.add(add, { a: left, b: right }) };
      });
      checkSame(await handle.results(), { top: 3, bottom: 116 }, 'the results');
    },
  },
  {
    id: 'BC-121',
    title: 'keeps a list a list, of one or of none',
    level: 'client',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [add, echo] = [await context.task<number>('add'), await context.task('echo')];
      const handle = client.graph((graph) => {
        const one = graph.add(add, { a: 1, b: 1 });
        return {
          one: graph.add(echo, [one]),
          none: graph.add(echo, []),
          nested: graph.add(echo, [[one], one]),
        };
      });
      checkSame(await handle.results(), { one: [2], none: [], nested: [[2], 2] }, 'the results');
    },
  },
  {
    id: 'BC-122',
    title: 'skips what depends on a failure, and nothing else',
    level: 'client',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [add, fail] = [await context.task<number>('add'), await context.task<number>('fail')];
      const path = context.path('runs');
      const record = await context.task('record');
      const nodes: Record<string, string> = {};
      const handle = client.graph((graph) => {
        const failed = graph.add(fail, { kind: 'custom', message: 'a leaf fails' });
        const child = graph.add(record, { path, line: failed });
        const grandchild = graph.add(record, { path, line: child });
        const apart = graph.add(add, { a: 1, b: 1 });
        for (const [name, node] of Object.entries({ failed, child, grandchild, apart }))
          nodes[node.id] = name;
        return { apart };
      });
      const statuses = [...(await handle.outcomes())]
        .map(([id, { status }]) => `${nodes[id]} ${status}`)
        .sort();
      const expected = 'apart ok,child skipped,failed app-error,grandchild skipped';
      checkEqual(statuses.join(), expected, 'the outcomes');
      checkEqual(fileLines(path).length, 0, 'executions of skipped tasks');
      checkSame(await handle.results(), { apart: 2 }, 'the result of the healthy part');
    },
  },
  {
    id: 'BC-123',
    title: 'runs a parent with many children once',
    level: 'client',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [record, add] = [await context.task<number>('record'), await context.task<number>('add')];
      const sum = await context.task<number>('sumList');
      const path = context.path('runs');
      const handle = client.graph((graph) => {
        const parent = graph.add(record, { path, line: 'parent', value: 5 });
        const children = Array.from({ length: WIDTH }, (_, index) => graph.add(add, { a: parent, b: index }));
        return graph.add(sum, children);
      });
      checkEqual(await handle.results(), WIDTH * 5 + (WIDTH * (WIDTH - 1)) / 2, 'the sum');
      checkEqual(fileLines(path).length, 1, 'executions of the parent');
    },
  },
  {
    id: 'BC-124',
    title: `runs a chain of ${CHAIN} tasks in order`,
    level: 'client',
    requires,
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const record = await context.task<string>('record');
      const path = context.path('order');
      const handle = client.graph((graph) => {
        let last = graph.add(record, { path, line: '0' });
        for (let step = 1; step < CHAIN; step++) {
          last = graph.add(record, { path, line: `${step}`, value: last });
        }
        return last;
      });
      checkEqual(await handle.results(), '0', 'the value handed along');
      const order = Array.from({ length: CHAIN }, (_, step) => `${step}`);
      checkEqual(fileLines(path).join(), order.join(), 'the order of execution');
    },
  },
  {
    id: 'BC-125',
    title: 'leaves intermediate results with the backend',
    level: 'client',
    requires: ['graph', 'result-by-reference', 'objects'],
    kinds: CODE_KINDS,
    async run(context) {
      const seen: TaskEnvelope[] = [];
      const client = await context.connectTo(withSpy(await context.acquire(), seen));
      const [large, digest] = [
        await context.task('returnLarge'),
        await context.task<{ length: number }>('digestBytes'),
      ];
      const handle = client.graph((graph) => {
        const bytes = graph.add(large, { bytes: 200_000 });
        return graph.add(digest, { bytes });
      });
      checkEqual((await handle.results()).length, 200_000, 'the length that arrived');
      const [parent, child] = seen;
      checkEqual(parent?.options.output, 'reference', 'the output of the parent');
      checkEqual(child?.references.length, 1, 'references in the input of the child');
    },
  },
  {
    id: 'BC-126',
    title: 'ends every task of a graph that is cancelled',
    level: 'client',
    requires: ['graph', 'cancel.ask'],
    kinds: CODE_KINDS,
    async run(context) {
      const client = await context.connect();
      const [sleep, echo] = [await context.task('sleepUntilSignal'), await context.task('echo')];
      const handle = client.graph((graph) => {
        const parents = Array.from({ length: 6 }, () => graph.add(sleep, {}));
        return graph.add(echo, parents);
      });
      await handle.cancel('ask');
      const outcomes = [...(await handle.outcomes()).values()];
      checkEqual(outcomes.length, 7, 'outcomes');
      for (const { status } of outcomes) checkOneOf(status, ['cancelled', 'skipped'], 'an outcome');
      check(
        outcomes.some(({ status }) => status === 'cancelled'),
        'nothing was cancelled',
      );
    },
  },
]);
