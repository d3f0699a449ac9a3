import { eventually, VirtualClock } from '@anant/core/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callOf, okValue, record } from '../../fixtures/host-recording.js';
import { HostPool, type HostPoolOptions } from './host-pool.js';

function pool(options: Partial<HostPoolOptions> = {}): HostPool {
  const made = new HostPool({ slots: 2, ...options });
  onTestFinished(() => made.stop({ graceMs: 0 }));
  return made;
}

describe('a pool of host children', () => {
  it('runs many calls on few children', async () => {
    const hosts = pool();
    const recordings = Array.from({ length: 50 }, (_, a) => record(hosts, callOf('add', { a, b: 1 })));
    expect(await Promise.all(recordings.map(okValue))).toEqual(Array.from({ length: 50 }, (_, a) => a + 1));
    expect(hosts.pids.length).toBeLessThanOrEqual(2);
    expect([hosts.runningCalls, hosts.queuedCalls]).toEqual([0, 0]);
  });

  it('loses only the call whose child dies and goes on with another child', async () => {
    const hosts = pool({ slots: 1 });
    const calls = [callOf('add', { a: 1, b: 1 }), callOf('exit', 3), callOf('add', { a: 2, b: 2 })];
    const ends = await Promise.all(calls.map((call) => record(hosts, call).end));
    expect(ends.map((end) => end.status)).toEqual(['ok', 'lost', 'ok']);
  });

  it('ends children that ran nothing for a while, and starts others when calls come', async () => {
    const clock = new VirtualClock();
    const hosts = pool({ slots: 1, idleMs: 5_000, clock });
    expect(await okValue(record(hosts, callOf('add', { a: 1, b: 1 })))).toBe(2);
    const [pid] = hosts.pids;
    await clock.advance(4_000);
    expect(hosts.pids).toEqual([pid]);
    await clock.advance(2_000);
    await eventually(() => hosts.pids.length === 0);
    expect(await okValue(record(hosts, callOf('add', { a: 2, b: 1 })))).toBe(3);
    expect(hosts.pids).not.toContain(pid);
  });

  it('replaces a child that asked for it', async () => {
    const hosts = pool({ slots: 1 });
    expect(await record(hosts, callOf('throwLater')).end).toMatchObject({ status: 'app-error' });
    expect(await okValue(record(hosts, callOf('add', { a: 1, b: 1 })))).toBe(2);
  });

  it('cancels what waits at once, and kills what runs', async () => {
    const hosts = pool({ slots: 1 });
    const running = record(hosts, callOf('notify'));
    await running.first('progress');
    const waiting = record(hosts, callOf('add', { a: 1, b: 1 }));
    expect(hosts.cancel(waiting.call.id, 1, 'ask')).toBe('cancelled');
    expect(await waiting.end).toEqual({ status: 'cancelled', how: 'ask' });
    expect(hosts.cancel(running.call.id, 1, 'ask')).toBe('requested');
    expect(hosts.cancel(running.call.id, 1, 'kill')).toBe('cancelled');
    expect(await running.end).toEqual({ status: 'cancelled', how: 'kill' });
    expect(hosts.cancel(running.call.id, 1, 'kill')).toBe('unknown-task');
    expect(await okValue(record(hosts, callOf('add', { a: 1, b: 1 })))).toBe(2);
  });

  it('refuses more waiting calls than its queue holds', async () => {
    const hosts = pool({ slots: 1, queueCallsMax: 1 });
    await hosts.warm();
    const running = record(hosts, callOf('awaitSignal'));
    const waiting = record(hosts, callOf('add', { a: 1, b: 1 }));
    expect(await record(hosts, callOf('add')).end).toMatchObject({ status: 'refused', code: 'E_QUEUE_FULL' });
    hosts.cancel(running.call.id, 1, 'kill');
    expect(await okValue(waiting)).toBe(2);
  });

  it('ends waiting calls lost when no child can be started', async () => {
    const hosts = pool({ random: () => 0, child: { execPath: '/bin/false' } });
    expect(await record(hosts, callOf('add')).end).toMatchObject({
      status: 'lost',
      started: 'no',
      suspect: false,
    });
    await expect(hosts.warm()).rejects.toThrow(/did not start/);
  });

  it('gives running calls their grace when it stops, then ends everything', async () => {
    const clock = new VirtualClock();
    const hosts = pool({ slots: 2, clock });
    await hosts.warm();
    const endless = record(hosts, callOf('notify'));
    await endless.first('progress');
    // Stopped in the same turn: the quick one cannot have ended and let the waiting one in.
    const quick = record(hosts, callOf('throwBeforeNext'));
    const waiting = record(hosts, callOf('add'));
    const stopped = hosts.stop({ graceMs: 1_000 });
    expect(await waiting.end).toMatchObject({ status: 'lost', started: 'no' });
    expect((await quick.end).status).toBe('ok');
    await clock.advance(1_000);
    await stopped;
    expect((await endless.end).status).toBe('lost');
    expect(hosts.pids).toEqual([]);
    expect(await record(hosts, callOf('add')).end).toMatchObject({ status: 'lost', started: 'no' });
  });
});
