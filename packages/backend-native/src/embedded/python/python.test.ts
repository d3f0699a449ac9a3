import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Driver, python } from '../../../../../test/support/native-driver.js';
import { NativeBackend } from '../native-backend.js';

const { ANANT_PYTHON } = process.env;
const FIXTURES = 'anant_bridge.conformance';
const fixture = (name: string) => python(`${FIXTURES}:${name}`);

let driver: Driver<NativeBackend> | undefined;
const start = async (options = {}): Promise<Driver<NativeBackend>> => {
  driver = await Driver.start(new NativeBackend({ slots: 2, ...options }));
  return driver;
};
afterEach(async () => {
  await driver?.stop();
  driver = undefined;
});
test('without a Python the manifest says so, and tasks are refused with the command that helps', async () => {
  const before = process.env.ANANT_PYTHON;
  process.env.ANANT_PYTHON = '/none/bin/python';
  try {
    const d = await start();
    expect(d.backend.manifest.features['task.python']).toMatchObject({
      level: 'absent',
      reason: expect.any(String),
    });
    expect(await d.run(fixture('echo'), 1)).toMatchObject({
      status: 'refused',
      code: 'E_CAPABILITY_MISSING',
      advice: 'Run `npx anant setup python`.',
    });
  } finally {
    if (before === undefined) delete process.env.ANANT_PYTHON;
    else process.env.ANANT_PYTHON = before;
  }
});

test.skipIf(!ANANT_PYTHON)('a Python that lacks the bridge is refused by its code', async () => {
  const d = await start();
  const bare = join(d.folder, 'python');
  // An interpreter that finds nothing outside its standard library.
  writeFileSync(bare, `#!/bin/sh\nunset PYTHONPATH\nexec ${ANANT_PYTHON} -S "$@"\n`);
  chmodSync(bare, 0o755);
  const second = await Driver.start(new NativeBackend({ slots: 1, python: { executable: bare } }));
  expect(await second.run(fixture('echo'), 1)).toMatchObject({
    status: 'refused',
    code: 'E_ENGINE_NOT_INSTALLED',
    advice: expect.stringContaining('npx anant setup python'),
  });
  await second.stop();
  expect(d.backend.manifest.features['task.python'].level).toBe('native');
});

const title = ANANT_PYTHON ? 'python' : 'python (skipped: ANANT_PYTHON names no interpreter)';
describe.skipIf(!ANANT_PYTHON)(title, () => {
  test('values and errors keep what they are', async () => {
    const d = await start();
    expect(await d.value(fixture('echo'), { n: 2n, when: new Date(5), none: undefined })).toEqual({
      n: 2n,
      when: new Date(5),
      none: undefined,
    });
    expect(await d.run(fixture('fail'), { kind: 'cause', message: 'top' })).toMatchObject({
      status: 'app-error',
      error: { type: 'ConformanceError', message: 'top', cause: { type: 'IndexError' } },
    });
  });

  test('user code that prints, and changes where it prints, disturbs nothing', async () => {
    const { folder } = await start();
    writeFileSync(join(folder, 'printing_tasks.py'), PRINTING);
    const d = await Driver.start(new NativeBackend({ slots: 1, python: { path: [folder] } }));
    expect(await d.value(python('printing_tasks:shout'), 'x')).toBe('x');
    expect(await d.value(python('printing_tasks:shout'), 'y')).toBe('y');
    await d.stop();
  });

  test('large arrays go there and back, and stay as objects', async () => {
    const d = await start();
    const values = Float64Array.from({ length: 1_000_000 }, (_, index) => index);
    expect(await d.value(fixture('echo'), { values, small: Float32Array.of(1) })).toEqual({
      values,
      small: Float32Array.of(1),
    });
    const stored = await d.run(fixture('return_large'), { bytes: 3_000_000 }, { output: 'reference' });
    expect(stored).toMatchObject({ status: 'ok-reference' });
    const object = (await d.backend.doGet((stored as { object: string }).object)) as Uint8Array;
    expect(object.length).toBe(3_000_000);
  });

  test('an interpreter is killed under a task that never yields, and replaced', async () => {
    const d = await start();
    const marks = d.path();
    const victim = d.submit(fixture('busy_loop'), { started: marks });
    await d.file(marks);
    expect(await d.cancel(victim, 'kill')).toBe('cancelled');
    expect(await d.end(victim)).toEqual({ status: 'cancelled', how: 'kill' });
    expect(await d.value(fixture('echo'), 'alive')).toBe('alive');
  });

  test('an interpreter that ends takes its task along, and nothing else', async () => {
    const d = await start();
    expect(await d.run(fixture('exit_process'), { code: 3 })).toMatchObject({
      status: 'lost',
      started: 'yes',
    });
    expect(await d.value(fixture('echo'), 'alive')).toBe('alive');
  });

  test('memory has a limit', async () => {
    const d = await start({ python: { memoryBytesMax: 256 * 2 ** 20 } });
    expect(await d.run(fixture('exhaust_memory'), {})).toMatchObject({
      status: 'app-error',
      error: { code: 'E_OUT_OF_MEMORY' },
    });
    expect(await d.value(fixture('echo'), 'alive')).toBe('alive');
  });

  test('a stream makes an item only when there is a credit for it', async () => {
    const d = await start();
    const produced = d.path();
    const stream = d.submit(fixture('stream_count'), { count: 30, produced }, { output: 'stream' });
    const items = (): number => d.events.filter(({ type }) => type === 'task-item').length;
    await d.until(() => (items() === 16 ? true : undefined), '16 items');
    await d.value(fixture('echo'), 'meanwhile');
    expect(items()).toBe(16);
    d.backend.doStreamCredit(stream.id, 1, 100);
    expect((await d.end(stream)).status).toBe('ok');
    expect(items()).toBe(30);
  });
});

const PRINTING = `
import os, sys

def shout(value):
    print("{", flush=True)
    os.write(1, b'{"r": 1, "c": "jsi"}\\n')
    os.write(2, b"noise\\n")
    sys.stdout = sys.stderr
    print('{"r"')
    return value
`;
