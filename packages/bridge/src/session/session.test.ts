import { encodeValue } from '@anant/core/codec';
import { describe, expect, it } from 'vitest';
import { PROTOCOL, SILENCE_MS_MAX, STRIKES_MAX, SUBMIT_TASKS_MAX } from './limits.js';
import type { SessionInput } from './session.js';
import { Bench, EPOCH, events, message, okEnd, ready, START_MS_MAX, task, WELCOME } from './session-bench.js';
import type { WireDefinition } from './session-task.js';

describe('the handshake', () => {
  it('says hello first and is ready after the welcome', () => {
    const bench = new Bench();
    const [hello] = bench.step({ type: 'start' });
    expect(hello).toMatchObject({
      type: 'send',
      kind: 'hello',
      body: { protocol: PROTOCOL, engine: 'local' },
    });
    expect(bench.session.phase).toBe('handshake');
    const [welcome] = bench.step(message('welcome', WELCOME));
    expect(welcome).toMatchObject({
      type: 'welcome',
      welcome: { epoch: EPOCH, slots: 2, windowTasks: 100, isShared: true },
    });
    expect(bench.session.phase).toBe('ready');
  });

  it('passes a refusal on, and knows which may pass', () => {
    for (const [code, isFinal] of [
      ['E_ENGINE_NOT_INSTALLED', true],
      ['E_VERSION_SKEW', true],
      ['E_ENGINE_UNREACHABLE', false],
    ] as const) {
      const bench = new Bench();
      bench.step({ type: 'start' });
      bench.step(message('refused', { code, message: 'no', advice: 'do this' }));
      expect(bench.over).toEqual({ code, message: 'no', advice: 'do this', isFinal });
    }
  });

  it('refuses another protocol version, and another release', () => {
    const bench = new Bench();
    bench.step({ type: 'start' });
    bench.step(message('welcome', { ...WELCOME, protocol: 2 }));
    expect(bench.over).toMatchObject({ code: 'E_PROTOCOL_VERSION', isFinal: true });
    const other = new Bench();
    other.step({ type: 'start' });
    other.step(message('welcome', { ...WELCOME, versions: { anant_bridge: '9.9.9' } }));
    expect(other.over).toMatchObject({ code: 'E_VERSION_SKEW', isFinal: true });
    expect(other.over?.message).toContain('9.9.9');
  });

  it('gives up at the start deadline, not before', () => {
    const bench = new Bench();
    bench.step({ type: 'start' });
    bench.wait(START_MS_MAX - 250);
    expect(bench.over).toBeUndefined();
    bench.wait(250);
    expect(bench.over).toMatchObject({ code: 'E_BACKEND_UNAVAILABLE', isFinal: false });
  });

  it('counts what comes before the welcome as a breach', () => {
    const bench = new Bench();
    bench.step({ type: 'start' });
    bench.step(events());
    expect(bench.sent('error')).toHaveLength(1);
    bench.step(message('welcome', { ...WELCOME, slots: 'many' }));
    expect(bench.session.phase).toBe('handshake');
    expect(bench.sent('error')).toHaveLength(2);
  });
});

describe('liveness', () => {
  it('pings every second and answers pings', () => {
    const bench = ready();
    bench.wait(5_000);
    expect(bench.sent('ping').map(({ body }) => body.seq)).toEqual([1, 2, 3, 4, 5]);
    bench.step(message('ping', { seq: 42 }));
    expect(bench.sent('pong').map(({ body }) => body.seq)).toEqual([42]);
  });

  it('ends after 15 seconds of silence, and any message breaks the silence', () => {
    const bench = ready();
    bench.wait(SILENCE_MS_MAX - 250);
    bench.step(message('pong', { seq: 1 }));
    bench.wait(SILENCE_MS_MAX - 250);
    expect(bench.over).toBeUndefined();
    bench.wait(250);
    expect(bench.over).toMatchObject({ code: 'E_BRIDGE_EXITED', isFinal: false });
  });

  it('does not blame the bridge for its own standstill', () => {
    const bench = ready();
    bench.nowMs += 60_000;
    bench.step({ type: 'tick' });
    expect(bench.over).toBeUndefined();
    bench.wait(SILENCE_MS_MAX);
    expect(bench.over).toBeDefined();
  });

  it('ends after three breaches of the protocol', () => {
    const bench = ready();
    for (let at = 0; at < STRIKES_MAX; at += 1) {
      expect(bench.over).toBeUndefined();
      bench.step(message('surprise', {}));
    }
    expect(bench.over).toMatchObject({ code: 'E_PROTOCOL' });
  });
});

describe('submissions', () => {
  it('lists a definition once and cuts long batches', () => {
    const bench = ready();
    const tasks = Array.from({ length: SUBMIT_TASKS_MAX + 1 }, (_, at) => task(`t${at}`));
    bench.step({ type: 'submit', tasks });
    const messages = bench.sent('submit');
    expect(messages.map(({ body }) => (body.tasks as unknown[]).length)).toEqual([SUBMIT_TASKS_MAX, 1]);
    expect(messages.map(({ body }) => (body.defs as unknown[]).length)).toEqual([1, 1]);
  });

  it('sends the module of a kernel once, before it is needed', () => {
    const bench = ready();
    const kernel: WireDefinition = {
      reference: { kind: 'kernel', blob: 'abc' },
      blob: { sha256: 'abc', bytes: new Uint8Array([1]) },
    };
    bench.step({
      type: 'submit',
      tasks: [task('a', 1, { definition: kernel }), task('b', 1, { definition: kernel })],
    });
    bench.step({ type: 'submit', tasks: [task('c', 1, { definition: kernel })] });
    const kinds = bench.effects.filter((effect) => effect.type === 'send').map(({ kind }) => kind);
    expect(kinds).toEqual(['hello', 'blob', 'submit', 'submit']);
  });

  it('ignores a second submit of an open attempt and takes a new attempt', () => {
    const bench = ready();
    bench.step({ type: 'submit', tasks: [task('a')] });
    bench.step({ type: 'submit', tasks: [task('a')] });
    expect(bench.sent('submit')).toHaveLength(1);
    bench.step({ type: 'submit', tasks: [task('a', 2)] });
    expect(bench.sent('submit')).toHaveLength(2);
  });

  it('of a newer attempt end the older one, whose result no longer counts', () => {
    const bench = ready();
    bench.step({ type: 'submit', tasks: [task('a')] });
    bench.step({ type: 'submit', tasks: [task('a', 2)] });
    bench.step(events(okEnd('a', 1), okEnd('a', 2)));
    expect(
      bench.emitted.map((event) => event.type === 'task-end' && [event.attempt, event.outcome.status]),
    ).toEqual([
      [1, 'lost'],
      [2, 'ok'],
    ]);
  });
});

describe('events', () => {
  it('become task events, values decoded', () => {
    const bench = ready();
    bench.step({ type: 'submit', tasks: [task('a')] });
    bench.step(
      events(
        ['start', 'a', 1, 'worker-1'],
        ['progress', 'a', 1, 1, 2, 'half'],
        ['heartbeat', 'a', 1],
        ['item', 'a', 1, 0, [encodeValue(5n).body, 0]],
        ['end', 'a', 1, 'ok', null, [{ type: 'unsupported', subject: 'priority', message: 'ignored' }]],
      ),
    );
    expect(bench.emitted).toEqual([
      { type: 'task-start', id: 'a', attempt: 1, worker: 'worker-1' },
      { type: 'task-progress', id: 'a', attempt: 1, done: 1, total: 2, note: 'half' },
      { type: 'task-heartbeat', id: 'a', attempt: 1 },
      { type: 'task-item', id: 'a', attempt: 1, sequence: 0, value: 5n },
      {
        type: 'task-end',
        id: 'a',
        attempt: 1,
        outcome: { status: 'ok', value: undefined },
        warnings: [{ type: 'unsupported', subject: 'priority', backend: 'test', message: 'ignored' }],
      },
    ]);
  });

  it.each([
    ['ok', [encodeValue(1).body, 0], { status: 'ok', value: 1 }],
    ['ok-reference', ['result:a:1', 8], { status: 'ok-reference', object: 'result:a:1', bytes: 8 }],
    ['app-error', { type: 'E', message: 'm' }, { status: 'app-error', error: { type: 'E', message: 'm' } }],
    ['cancelled', 'kill', { status: 'cancelled', how: 'kill' }],
    ['lost', ['gone', 'maybe', true], { status: 'lost', reason: 'gone', started: 'maybe', suspect: true }],
    ['unknown', 'silence', { status: 'unknown', reason: 'silence' }],
    ['refused', ['E_X', 'why', ''], { status: 'refused', code: 'E_X', reason: 'why' }],
  ])('read the outcome %s', (status, detail, outcome) => {
    const bench = ready();
    bench.step({ type: 'submit', tasks: [task('a')] });
    bench.step(events(['end', 'a', 1, status, detail, null]));
    expect(bench.emitted).toEqual([{ type: 'task-end', id: 'a', attempt: 1, outcome }]);
  });

  it('of another epoch, or of attempts that are not open, are dropped but their buffers are consumed', () => {
    const bench = ready();
    const large = encodeValue(new Float64Array([1, 2]));
    bench.step({ type: 'submit', tasks: [task('a')] });
    bench.step(message('events', { epoch: EPOCH - 1, events: [okEnd('a')] }));
    expect(bench.emitted).toEqual([]);
    const wire = [large.body, large.buffers.length];
    const other = encodeValue(new Float64Array([3, 4])).buffers;
    const both = [
      ['end', 'stranger', 1, 'ok', wire, null],
      ['end', 'a', 1, 'ok', wire, null],
    ];
    bench.step(message('events', { epoch: EPOCH, events: both }, [...large.buffers, ...other]));
    expect(bench.emitted).toMatchObject([
      { id: 'a', outcome: { status: 'ok', value: new Float64Array([3, 4]) } },
    ]);
  });

  it('that cannot be read end the session, and every attempt with it', () => {
    const bench = ready();
    bench.step({ type: 'submit', tasks: [task('a'), task('b'), task('c')] });
    bench.step(events(okEnd('a'), ['end', 'b', 1, 'vanished', null, null], okEnd('c')));
    expect(bench.emitted.map((event) => event.type === 'task-end' && event.outcome.status)).toEqual([
      'ok',
      'lost',
      'lost',
    ]);
    expect(bench.over).toMatchObject({ code: 'E_PROTOCOL' });
  });

  it('with a gap in a stream end its attempt', () => {
    const bench = ready();
    bench.step({ type: 'submit', tasks: [task('a')] });
    const item = (sequence: number): unknown[] => ['item', 'a', 1, sequence, [encodeValue(sequence).body, 0]];
    bench.step(events(item(0), item(0), item(2)));
    expect(bench.emitted.map(({ type }) => type)).toEqual(['task-item', 'task-end']);
  });

  it('about the engine are states', () => {
    const bench = ready();
    expect(bench.step(events(['state', 'degraded', 'slow']))).toEqual([
      { type: 'state', state: 'degraded', reason: 'slow' },
    ]);
  });
});

describe('calls', () => {
  const cancel = (call: number): SessionInput => ({
    type: 'call',
    call,
    kind: 'cancel',
    body: {},
    buffers: [],
  });

  it('settle once, by the reply, by an error or by their deadline', () => {
    const bench = ready();
    for (const call of [1, 2, 3]) bench.step(cancel(call));
    bench.step(message('reply', { call: 1, ok: ['requested'] }));
    bench.step(message('reply', { call: 1, ok: ['again'] }));
    bench.step(message('reply', { call: 2, error: { code: 'E_X', message: 'm', advice: 'a' } }));
    bench.wait(5_000);
    expect(bench.effects.filter((effect) => effect.type === 'settle')).toMatchObject([
      { call: 1, reply: { ok: ['requested'] } },
      { call: 2, reply: { error: { code: 'E_X', message: 'm', advice: 'a' } } },
      { call: 3, reply: { error: { code: 'E_TIMEOUT' } } },
    ]);
  });

  it('of an object come with its value', () => {
    const bench = ready();
    bench.step({ type: 'call', call: 1, kind: 'get', body: { object: 'o' }, buffers: [] });
    const value = encodeValue(new Uint8Array(5000));
    bench.step(message('reply', { call: 1, ok: [value.body, 1] }, value.buffers));
    expect(bench.effects.at(-1)).toMatchObject({
      type: 'settle',
      reply: { value: { buffers: value.buffers } },
    });
  });
});
