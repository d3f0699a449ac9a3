/** Portable kernels: the same bytes, the same bits, the same refusals. */
import { defineClauses } from '../clause.js';
import type { ClauseContext } from '../clause-context.js';
import type { KernelName } from '../fixture-set.js';
import { checkSame } from '../portable-equality.js';
import { checkRefused } from '../refusals.js';
import { check, checkEqual } from '../violation.js';

/** Elements whose zeroed scratch array (4 bytes each) cannot fit the 256 MiB maximum of the fixture module. */
const SCRATCH_TOO_LONG = 100_000_000;

async function run(context: ClauseContext, name: KernelName, input: unknown): Promise<unknown> {
  return (await context.open()).value(context.fixtures.kernel(name), input);
}

/** A kernel that cannot be called is refused, or ends as an error of the task; either way with its code. */
async function checkCode(
  context: ClauseContext,
  name: KernelName,
  input: unknown,
  code: string,
): Promise<string> {
  const session = await context.open();
  const { outcome } = await session.run(context.fixtures.kernel(name), input);
  const found =
    outcome.status === 'refused'
      ? { code: outcome.code, text: outcome.reason }
      : outcome.status === 'app-error'
        ? { code: outcome.error.code, text: outcome.error.message }
        : { code: outcome.status, text: '' };
  checkEqual(found.code, code, `${name} (${found.text})`);
  const alive = await session.value(context.fixtures.kernel('sum'), { values: new Float64Array([1, 2]) });
  checkSame(alive, { result: 3 }, 'the kernel after it');
  return found.text;
}

export const kernelClauses = defineClauses('kernel', [
  {
    id: 'BC-47',
    title: 'sums 100,000 doubles to the very bits that JavaScript gets',
    kinds: ['kernel'],
    async run(context) {
      const values = Float64Array.from({ length: 100_000 }, () => (context.random() - 0.5) * 1e6);
      const result = values.reduce((total, value) => total + value, 0);
      checkSame(await run(context, 'sum', { values }), { result }, 'sum');
      checkSame(await run(context, 'sum', { values: new Float64Array(0) }), { result: 0 }, 'sum of nothing');
    },
  },
  {
    id: 'BC-48',
    title: 'gives out arrays by name, single precision to the bit',
    kinds: ['kernel'],
    async run(context) {
      const scale = Math.fround(0.1);
      const x = Float32Array.from({ length: 1001 }, () => context.random());
      const y = Float32Array.from({ length: 1001 }, () => context.random());
      const out = x.map((value, index) => Math.fround(scale * value) + y[index]!);
      checkSame(await run(context, 'saxpy', { scale, x, y }), { out }, 'saxpy');
      const bytes = Uint8Array.from({ length: 300 }, (_, index) => index);
      const inverted = { out: bytes.map((byte) => ~byte), result: 300 };
      checkSame(await run(context, 'invert', { bytes }), inverted, 'invert');
    },
  },
  {
    id: 'BC-49',
    title: 'finds its scratch memory zeroed, however often it runs',
    kinds: ['kernel'],
    async run(context) {
      for (let time = 0; time < 3; time++) {
        checkSame(await run(context, 'scratchSum', { length: 5000 }), { result: 0 }, `run ${time}`);
      }
    },
  },
  {
    id: 'BC-50',
    title: 'reports a trap as an error of the task',
    kinds: ['kernel'],
    async run(context) {
      const session = await context.open();
      const { outcome } = await session.run(context.fixtures.kernel('trap'), {});
      checkEqual(outcome.status, 'app-error', 'a kernel that traps');
      if (outcome.status === 'app-error') checkEqual(outcome.error.code, 'E_KERNEL_TRAP', 'its code');
    },
  },
  {
    id: 'BC-51',
    title: 'refuses an input of the wrong type by the name of the parameter',
    kinds: ['kernel'],
    async run(context) {
      const wrong: readonly (readonly [KernelName, unknown, string])[] = [
        ['sum', { values: new Float32Array(2) }, 'values'],
        ['sum', {}, 'values'],
        ['scratchSum', { length: 1.5 }, 'length'],
        ['scratchSum', { length: -1 }, 'length'],
      ];
      for (const [name, input, parameter] of wrong) {
        const text = await checkCode(context, name, input, 'E_KERNEL_INVALID');
        check(text.includes(parameter), `"${text}" does not name the parameter ${parameter}`);
      }
    },
  },
  {
    id: 'BC-52',
    title: 'refuses a call that its memory cannot hold',
    kinds: ['kernel'],
    async run(context) {
      await checkCode(context, 'scratchSum', { length: SCRATCH_TOO_LONG }, 'E_OUT_OF_MEMORY');
    },
  },
  {
    id: 'BC-53',
    title: 'refuses a function the module does not have, and a module that is not the client’s',
    kinds: ['kernel'],
    async run(context) {
      const session = await context.open();
      const sum = context.fixtures.kernel('sum');
      const input = { values: new Float64Array(1) };
      const missing = { ...sum, export: 'noSuchFunction' } as typeof sum;
      checkRefused(await session.run(missing, input), 'E_KERNEL_INVALID');
      checkRefused(await session.run({ ...sum, version: '0'.repeat(64) }, input), 'E_TASK_VERSION');
    },
  },
  {
    id: 'BC-152',
    title: 'multiplies matrices in mode gpu, and says before the end what the kernel really ran on',
    requires: ['task.gpu'],
    async run(context) {
      const session = await context.open();
      const size = 48;
      const attempt = session.submitOne('multiplyOnGpu', { size }, { kind: 'typescript', mode: 'gpu' });
      const { outcome } = await session.log.end(attempt);
      checkEqual(outcome.status, 'ok', 'the task');
      const { rows, device } = (outcome as { value: { rows: Float32Array[]; device: string } }).value;
      for (const [y, row] of rows.entries()) {
        for (const [x, cell] of row.entries()) checkEqual(cell, squareCell(size, x, y), `cell ${x}, ${y}`);
      }
      const told = session.log
        .of(attempt)
        .flatMap((event) => (event.type === 'task-device' ? [event.device] : []));
      checkEqual(told.at(-1), device, 'the device that was told');
    },
  },
]);

/** Whole numbers far below 2^24: exact in single precision, on every device. */
function squareCell(size: number, x: number, y: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (i + y) * (i + x);
  return sum;
}
