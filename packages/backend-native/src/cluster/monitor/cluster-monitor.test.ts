/** Metrics over HTTP: what a scheduler counted is served, to those who may read it, within bounds. */
import { once } from 'node:events';
import { request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { newSchedulerState, reportOf, step } from '../../protocol/scheduler/index.js';
import type { SchedulerReport } from '../../protocol/scheduler/report.js';
import { tlsOptions } from '../security/grpc-credentials.js';
import type { NodeSecurity } from '../security/node-security.js';
import { TestCluster } from '../security/testing/test-cluster.js';
import { ClusterMonitor, type ClusterMonitorOptions } from './cluster-monitor.js';
import { LABELLED_MAX, schedulerRegistry } from './scheduler-metrics.js';

const monitors: ClusterMonitor[] = [];
afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close();
});

const emptyReport = (): SchedulerReport => reportOf(newSchedulerState());

async function listen(options: Partial<ClusterMonitorOptions> = {}): Promise<ClusterMonitor> {
  const monitor = await ClusterMonitor.listen({ report: emptyReport, port: 0, ...options });
  monitors.push(monitor);
  return monitor;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

async function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const sent = request(url, { method, headers });
  sent.end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

describe('the metrics', () => {
  it('are those of a scheduler that works', async () => {
    const state = newSchedulerState();
    state.durableIndex = Number.MAX_SAFE_INTEGER;
    step(state, { type: 'lead', epoch: 7 }, { nowMs: 0, random: () => 0.5 });
    const { body } = await ask((await listen({ report: () => reportOf(state) })).address);
    expect(body).toContain('anant_epoch 7');
    expect(body).toContain('anant_leader 1');
    expect(body).toContain('anant_tasks{state="waiting"} 0');
    expect(body).toContain('anant_task_events_total{event="submitted"} 0');
    expect(body).toContain('process_resident_memory_bytes');
  });

  it('count waits in cumulative buckets, and sum workers beyond the bound of labels', async () => {
    const report: SchedulerReport = {
      ...emptyReport(),
      waits: { boundsMs: [1, 10], counts: [3, 2, 1], sumMs: 123 },
      workers: Array.from({ length: LABELLED_MAX + 5 }, (_, at) => ({
        id: `w${at}`,
        state: 'active',
        slots: 2,
        tasks: 1,
        backlogMs: 500,
        overload: 'none',
      })),
    };
    const text = await schedulerRegistry(() => report).metrics();
    for (const line of [
      'anant_task_wait_seconds_bucket{le="0.001"} 3',
      'anant_task_wait_seconds_bucket{le="0.01"} 5',
      'anant_task_wait_seconds_bucket{le="+Inf"} 6',
      'anant_task_wait_seconds_sum 0.123',
      'anant_task_wait_seconds_count 6',
      'anant_worker_slots{worker="w0"} 2',
      'anant_worker_slots{worker="other"} 10',
      'anant_worker_backlog_seconds{worker="w999"} 0.5',
      `anant_workers{state="active"} ${LABELLED_MAX + 5}`,
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain(`worker="w${LABELLED_MAX}"`);
  });
});

describe('the server', () => {
  it('answers GET /metrics only, under a name of its own only', async () => {
    const { address } = await listen();
    expect((await ask(address)).status).toBe(200);
    expect((await ask(address, {}, 'POST')).status).toBe(405);
    expect((await ask(address.replace('/metrics', '/'))).status).toBe(404);
    expect((await ask(address, { host: 'evil.example' })).status).toBe(403);
    expect((await ask(address, { host: 'localhost:1234' })).status).toBe(200);
  });

  it('beyond this machine needs a token, in the header', async () => {
    await expect(listen({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'E_CONFIG_INVALID' });
    const { address } = await listen({ host: '0.0.0.0', token: 'secret' });
    const local = address.replace('0.0.0.0', '127.0.0.1');
    expect((await ask(local)).status).toBe(401);
    expect((await ask(`${local}?token=secret`)).status).toBe(401);
    expect((await ask(local, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await ask(local, { authorization: 'Bearer secret' })).status).toBe(200);
  });

  it('says which port is taken', async () => {
    const { address } = await listen();
    const port = Number(new URL(address).port);
    await expect(listen({ port })).rejects.toMatchObject({
      code: 'E_BACKEND_UNAVAILABLE',
      message: expect.stringContaining(`${port}`),
    });
  });

  it('refuses headers beyond its bound and closes silent connections with the server', async () => {
    const monitor = await listen();
    const silent = connect(Number(new URL(monitor.address).port), '127.0.0.1');
    await once(silent, 'connect');
    expect((await ask(monitor.address, { 'x-large': 'x'.repeat(20_000) })).status).toBe(431);
    const closed = once(silent, 'close');
    await monitor.close();
    await closed;
  });
});

describe('with certificates', () => {
  /** The status, or the code of the error that ended the connection. */
  async function askAs(url: string, who: Pick<NodeSecurity, 'own' | 'trust'> | undefined): Promise<unknown> {
    const sent = tlsRequest(url, who ? tlsOptions(who) : { rejectUnauthorized: false, agent: false });
    sent.end();
    const [response] = await once(sent, 'response').catch((error) => [error as NodeJS.ErrnoException]);
    return response.statusCode ?? response.code;
  }

  it('answers those of its cluster that may read, also beyond loopback, and nobody else', async () => {
    const cluster = await TestCluster.create();
    try {
      const security = await cluster.open('head-1', 'head');
      const { address } = await listen({ host: '0.0.0.0', security });
      expect(address).toMatch(/^https:/);
      const local = address.replace('0.0.0.0', '127.0.0.1');
      expect(await askAs(local, await cluster.open('prometheus', 'monitor'))).toBe(200);
      expect(await askAs(local, await cluster.open('alice', 'driver'))).toBe(200);
      expect(await askAs(local, await cluster.open('worker-1', 'worker'))).toBe(403);
      const foreign = await cluster.open('prometheus', 'monitor', cluster.other);
      for (const who of [undefined, { own: foreign.own, trust: security.trust }])
        expect(await askAs(local, who)).not.toBe(200);
      await expect(ask(local.replace('https', 'http'))).rejects.toThrow();
    } finally {
      await cluster.close();
    }
  });

  it('shows a new certificate while it runs, and turns a revoked one away', async () => {
    const cluster = await TestCluster.create();
    try {
      const security = await cluster.open('head-1', 'head');
      const { address } = await listen({ security });
      const reader = await cluster.open('prometheus', 'monitor');
      const shown = async () => {
        const sent = tlsRequest(address, { ...tlsOptions(reader), agent: false });
        sent.end();
        const [response] = await once(sent, 'response');
        response.resume();
        return [response.statusCode, response.socket.getPeerCertificate().serialNumber];
      };
      const [, before] = await shown();
      await cluster.store.rotate('head-1');
      await security.reload();
      const [status, after] = await shown();
      expect(status).toBe(200);
      expect(after).not.toBe(before);
      await cluster.store.revoke(reader.identity.fingerprint);
      await security.reload();
      expect((await shown())[0]).toBe(403);
    } finally {
      await cluster.close();
    }
  });
});
