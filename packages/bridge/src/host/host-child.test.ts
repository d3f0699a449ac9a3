import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AnantError } from '@anant/core';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { callOf, decoded, okValue, record, reference, TASKS } from '../../fixtures/host-recording.js';
import { HostChild, type HostChildOptions } from './host-child.js';

const MIB = 2 ** 20;
let open: HostChild[] = [];

async function start(options: HostChildOptions = {}): Promise<HostChild> {
  const child = await HostChild.start(options);
  open.push(child);
  return child;
}

afterEach(async () => {
  await Promise.all(open.map((child) => child.stop()));
  open = [];
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
};

/** It has ended; that nobody has asked how yet is the new parent's affair. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.startsWith('Z') ?? false;
  } catch {
    return false;
  }
}

describe('a host child', () => {
  it('runs one call after another and carries values unchanged', async () => {
    const child = await start();
    const input = {
      text: 'ä',
      big: 2n ** 60n,
      when: new Date(5),
      array: new Float64Array([1, NaN]),
      none: undefined,
    };
    expect(await okValue(record(child, callOf('echo', input)))).toEqual(input);
    expect(await okValue(record(child, callOf('add', { a: 1, b: 2 })))).toBe(3);
    const identified = callOf('context', null, { id: 'x', attempt: 3 });
    expect(await okValue(record(child, identified))).toEqual({ taskId: 'x', attempt: 3 });
  });

  it('loads TypeScript modules and task definitions', async () => {
    const child = await start();
    const module = new URL('../../fixtures/typed-tasks.ts', import.meta.url).href;
    const call = callOf('double', { value: 21 }, { definition: reference('double', module) });
    expect(await okValue(record(child, call))).toBe(42);
  });

  it('carries large arrays both ways', async () => {
    const child = await start();
    const input = new Float64Array(4 * MIB).fill(0.5);
    const output = (await okValue(record(child, callOf('echo', input)))) as Float64Array;
    expect(output.length).toBe(input.length);
    expect(Buffer.compare(Buffer.from(output.buffer), Buffer.from(input.buffer))).toBe(0);
  });

  it('reports what a task throws with type, message, cause and stack', async () => {
    const end = await record(await start(), callOf('fail', 'seven')).end;
    expect(end).toMatchObject({
      status: 'app-error',
      error: { type: 'RangeError', message: 'seven', cause: { type: 'TypeError', message: 'the cause' } },
    });
    expect(end.status === 'app-error' && end.error.traceback).toContain('tasks.mjs');
  });

  it('refuses a missing export, a missing module and another version, and says what to do', async () => {
    const child = await start();
    const missing = await record(child, callOf('nothing')).end;
    expect(missing).toMatchObject({ status: 'refused', code: 'E_TASK_NOT_FOUND' });
    expect(missing.status === 'refused' && missing.reason).toContain('it exports add, ');
    const noTask = await record(child, callOf('notATask')).end;
    expect(noTask).toMatchObject({ status: 'refused', code: 'E_TASK_NOT_FOUND' });
    const elsewhere = { ...reference('add'), module: `${TASKS}.gone` };
    expect(await record(child, callOf('add', null, { definition: elsewhere })).end).toMatchObject({
      status: 'refused',
      code: 'E_TASK_NOT_FOUND',
    });
    const stale = { ...reference('add'), version: '0'.repeat(16) };
    expect(await record(child, callOf('add', null, { definition: stale })).end).toMatchObject({
      status: 'refused',
      code: 'E_TASK_VERSION',
    });
  });

  it('runs a module again after it has changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'anant-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const child = await start();
    for (const [extension, version] of ['mjs', 'ts'].flatMap((e) => [1, 2].map((v) => [e, v] as const))) {
      const path = join(folder, `changing.${extension}`);
      writeFileSync(path, `export const read = () => ${version};`);
      const definition = reference('read', pathToFileURL(path).href);
      expect(await okValue(record(child, callOf('read', null, { definition })))).toBe(version);
    }
  });

  it('names the path of a result that cannot be carried', async () => {
    const end = await record(await start(), callOf('returnFunction')).end;
    expect(end).toMatchObject({
      status: 'app-error',
      error: { code: 'E_VALUE_NOT_PORTABLE', retryable: false },
    });
    expect(end.status === 'app-error' && end.error.message).toContain('rows[0].when');
  });

  it('refuses a result of 1 GB by the payload limit and stays usable', async () => {
    const child = await start({ payloadBytesMax: 64 * MIB });
    const end = await record(child, callOf('bytes', 1024 * MIB)).end;
    expect(end).toMatchObject({
      status: 'app-error',
      error: { code: 'E_PAYLOAD_TOO_LARGE', retryable: false },
    });
    expect(await okValue(record(child, callOf('add', { a: 1, b: 1 })))).toBe(2);
  });

  it('ends lost when the task exits the process', async () => {
    const child = await start();
    const end = await record(child, callOf('exit', 7)).end;
    expect(end).toMatchObject({ status: 'lost', started: 'yes', suspect: true, code: 'E_WORKER_EXITED' });
    expect(end.status === 'lost' && end.reason).toContain('code 7');
    expect(child.isUsable).toBe(false);
  });

  it('names the signal that ended it', async () => {
    const child = await start();
    const recording = record(child, callOf('notify'));
    await recording.first('progress');
    process.kill(child.pid, 'SIGTERM');
    const end = await recording.end;
    expect(end.status === 'lost' && end.reason).toContain('SIGTERM');
  });

  it.each(['growHeap', 'growBuffers'])('ends lost out of memory: %s', async (task) => {
    const end = await record(await start({ memoryBytesMax: 64 * MIB }), callOf(task)).end;
    expect(end).toMatchObject({ status: 'lost', code: 'E_OUT_OF_MEMORY', suspect: true });
    expect(end.status === 'lost' && end.reason).toContain('64 MiB');
  });

  it('kills a task that never yields', async () => {
    const child = await start();
    const recording = record(child, callOf('notify'));
    expect(await recording.first('progress')).toMatchObject({ done: 1, total: 2, note: 'half' });
    child.kill();
    expect(await recording.end).toEqual({ status: 'cancelled', how: 'kill' });
  });

  it.each(['pollSignal', 'awaitSignal'])('shows a cancel request to the task: %s', async (task) => {
    const child = await start();
    const recording = record(child, callOf(task));
    await recording.first('progress');
    expect(child.ask(recording.call.id, 1)).toBe(true);
    expect(await recording.end).toEqual({ status: 'cancelled', how: 'ask' });
    expect(child.ask(recording.call.id, 1)).toBe(false);
  });

  it('lets a task that was asked to stop end ok', async () => {
    const child = await start();
    const recording = record(child, callOf('ignoreSignal'));
    await recording.first('progress');
    child.ask(recording.call.id, 1);
    expect(await okValue(recording)).toBe('done anyway');
  });

  it('limits reports and always delivers the last one', async () => {
    const recording = record(await start(), callOf('manyReports', 200_000));
    await recording.end;
    const progress = recording.events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({ done: 200_000, total: 200_000 });
    expect(progress.length).toBeLessThan(200);
  });

  it('streams items within its credits', async () => {
    const child = await start();
    const recording = record(child, callOf('count', 40, { output: 'stream' }));
    const items = () => recording.events.filter((event) => event.type === 'item');
    await expect.poll(() => items().length).toBe(16);
    // One credit more than items: the end is only found by asking for another item.
    child.credit(recording.call.id, 1, 25);
    expect(await recording.end).toEqual({ status: 'ok', value: undefined });
    expect(items().map((item) => item.sequence)).toEqual([...Array(40).keys()]);
    expect(items().map((item) => decoded(item.value))).toEqual([...Array(40).keys()]);
  });

  it('ends a stream by its error after its items, and by a cancel request while it waits for credits', async () => {
    const child = await start();
    const failing = record(child, callOf('countThenFail', 3, { output: 'stream' }));
    expect(await failing.end).toMatchObject({ status: 'app-error', error: { message: 'no more' } });
    expect(failing.events.filter((event) => event.type === 'item')).toHaveLength(3);
    const waiting = record(child, callOf('count', 1_000_000, { output: 'stream' }));
    await waiting.first('item');
    child.ask(waiting.call.id, 1);
    expect(await waiting.end).toEqual({ status: 'cancelled', how: 'ask' });
    const wrong = record(child, callOf('add', { a: 1, b: 1 }, { output: 'stream' }));
    expect(await wrong.end).toMatchObject({ status: 'refused', code: 'E_TASK_INVALID' });
  });

  it.each([
    ['throwLater', 'escaped'],
    ['rejectLater', 'unhandled'],
  ])('ends the call whose error escapes and asks to be replaced: %s', async (task, message) => {
    const child = await start();
    const end = await record(child, callOf(task)).end;
    expect(end).toMatchObject({ status: 'app-error', error: { type: 'Error', message } });
    expect(child.isUsable).toBe(false);
  });

  it('does not blame a call for the escaped error of an earlier one', async () => {
    const child = await start();
    expect(await okValue(record(child, callOf('throwAfterEnd')))).toBe('ended');
    expect(await okValue(record(child, callOf('throwBeforeNext')))).toBe('next');
    expect(child.isUsable).toBe(false);
  });

  it('forwards output to the logger, not to the protocol', async () => {
    const lines: string[] = [];
    const logger = {
      debug() {},
      info: (line: string) => lines.push(line),
      warn() {},
      error() {},
      child: () => logger,
    };
    const folder = await mkdtemp(join(tmpdir(), 'anant-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'print.mjs');
    writeFileSync(path, `export const print = () => { console.log('to the log'); return 1; };`);
    const child = await start({ logger });
    const definition = reference('print', pathToFileURL(path).href);
    expect(await okValue(record(child, callOf('print', null, { definition })))).toBe(1);
    await child.stop();
    expect(lines).toContain('to the log');
  });

  it('says why it could not start', async () => {
    await expect(start({ execPath: '/nonexistent/node' })).rejects.toSatisfy((error) =>
      AnantError.is(error, 'E_WORKER_EXITED'),
    );
    await expect(start({ execPath: '/bin/false' })).rejects.toThrow(/exited with code 1/);
  });

  it('ends within 2 seconds of a parent that is killed while a task never yields', async () => {
    const program = fileURLToPath(new URL('../../fixtures/parent.mjs', import.meta.url));
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (chunk) => resolve(Number(chunk)));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 2_000, interval: 20 }).toBe(false);
  });

  it('is gone when stop returns', async () => {
    const child = await start();
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
  });

  it('takes a call only when it is free', async () => {
    const child = await start();
    const recording = record(child, callOf('awaitSignal'));
    expect(() => child.call(callOf('add'), () => {})).toThrow(TypeError);
    child.kill();
    await recording.end;
  });
});
