/**
 * A cluster in two network namespaces whose cable is cut: the side with the smaller part of the voters assigns nothing,
 * keeps what it acknowledged, and goes on by itself when the cable is whole again.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { StatusResponse } from '@anant/backend-native/cluster';
import { CertificateStore } from '@anant/backend-native/security';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NamespaceLab, type Side } from '../support/namespace-lab.js';
import { sayNotInjected } from '../support/not-injected.js';

const LIMIT_MS = 240_000;
const READY_MS_MAX = 60_000;
const PORT = 7700;
/** How long nothing may happen on the side without a quorum. */
const QUIET_MS = 1_000;
/** Tasks submitted there meanwhile. */
const WAITING = 20;
/** A fifth of the usual periods, so that the test is short. */
const GOSSIP = {
  tuning: { intervalMs: 200, timeoutMs: 150, gossipIntervalMs: 50, retryMs: 200, retryMsMax: 2000 },
};
/** The head and one worker on the left are two of five voters. */
const WORKERS: Readonly<Record<string, Side>> = {
  'worker-1': 'left',
  'worker-2': 'right',
  'worker-3': 'right',
  'worker-4': 'right',
};

const reason = NamespaceLab.problem();
sayNotInjected('full and one-way partitions', reason);

describe.skipIf(reason !== '')(`partitions${reason && ` (not tried: ${reason})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'anant-partition-'));
  const token = randomBytes(16).toString('hex');
  const resolve = createRequire(import.meta.url).resolve;
  let lab: NamespaceLab;
  let driver: ChildProcess;
  let questions = 0;

  const ask = (question: string, options: object = {}): Promise<unknown> => {
    questions += 1;
    const number = questions;
    return new Promise((settle, fail) => {
      const listen = (answer: { number: number; value?: unknown; error?: string }) => {
        if (answer.number !== number) return;
        driver.off('message', listen);
        if (answer.error === undefined) settle(answer.value);
        else fail(new Error(answer.error));
      };
      driver.on('message', listen);
      driver.send({ number, ask: question, ...options });
    });
  };
  const status = async () => (await ask('status')) as StatusResponse;

  async function until(check: (now: StatusResponse) => boolean, what: string): Promise<StatusResponse> {
    const endMs = performance.now() + READY_MS_MAX;
    for (;;) {
      const now = await status();
      if (check(now)) return now;
      if (performance.now() > endMs)
        throw new Error(`${what} did not happen: ${JSON.stringify(now, null, 1)}`);
      await setTimeout(100);
    }
  }

  const isWhole = ({ view, members }: StatusResponse) =>
    view?.quorum === 'held' &&
    view.members.length === 5 &&
    members.every(({ state, gossip }) => state === 'ready' && gossip?.status === 'alive');

  /**
   * How the head is for a second without a quorum, from the moment on at which nothing is assigned any more: what had been
   * assigned ends, what waits goes on waiting, although a worker is idle. While the cut takes effect, or when the machine
   * is busy, the quorum may come back for a moment: then it is waited for again.
   */
  async function withoutQuorum(): Promise<readonly [StatusResponse, ...StatusResponse[]]> {
    const isLost = ({ view }: StatusResponse) => view?.quorum === 'lost';
    const endMs = performance.now() + READY_MS_MAX;
    while (performance.now() < endMs) {
      const lost = await until(isLost, 'the loss of the quorum');
      expect(lost.view?.reason).toMatch(/voters|belong/);
      const count = (await ask('submit', { count: WAITING })) as number;
      await until(({ submitted }) => submitted >= count, 'the acknowledgement');
      const idle = await until(({ assigned }) => assigned === 0, 'an idle side');
      const later: StatusResponse[] = [];
      for (const stopMs = performance.now() + QUIET_MS; performance.now() < stopMs; await setTimeout(20))
        later.push(await status());
      if (![lost, idle, ...later].every(isLost)) continue;
      expect(idle.queued).toBeGreaterThanOrEqual(WAITING);
      expect(idle.queued).toBe(idle.submitted - idle.ended);
      return [idle, ...later];
    }
    throw new Error('The side without a quorum kept getting it back.');
  }

  async function run(side: Side, args: readonly string[]): Promise<ChildProcess> {
    const child = lab.spawn(side, args, { ANANT_CLUSTER_TOKEN: token, ANANT_NAP_LOG: join(folder, 'naps') });
    await new Promise<void>((settle, fail) => {
      child.once('message', () => settle());
      child.once('exit', (code, signal) => fail(new Error(`${args[0]} ended with ${signal ?? code}`)));
    });
    return child;
  }

  beforeAll(async () => {
    lab = NamespaceLab.open() as NamespaceLab;
    const store = await CertificateStore.create(join(folder, 'authority'), { cluster: 'partition' });
    const certificate = async (nodeId: string, role: 'head' | 'worker' | 'driver', side: Side) =>
      (await store.issue({ nodeId, role, hosts: [lab.addressOf(side)] })).folder;
    const host = lab.addressOf('left');
    const head = `${host}:${PORT}`;
    const options = {
      host,
      port: PORT,
      certificates: await certificate('head-1', 'head', 'left'),
      gossip: GOSSIP,
      scheduler: { leaseMs: 3_000, disconnectGraceMs: 500, deathsAlone: 1_000, deathsMax: 1_001 },
    };
    await run('left', [resolve('@anant/backend-native/head-main'), JSON.stringify(options)]);
    await Promise.all(
      Object.entries(WORKERS).map(async ([name, side]) => {
        const certificates = await certificate(name, 'worker', side);
        const dataHost = lab.addressOf(side);
        const worker = { head, name, certificates, dataHost, gossip: GOSSIP, native: { slots: 2 } };
        await run(side, [resolve('@anant/backend-native/worker-main'), JSON.stringify(worker)]);
      }),
    );
    const certificates = await certificate('driver-1', 'driver', 'left');
    const module = new URL('nap.mjs', import.meta.url).href;
    driver = await run('left', [
      fileURLToPath(new URL('partition-driver.mjs', import.meta.url)),
      JSON.stringify({ address: head, certificates, bind: host, module }),
    ]);
    await until(isWhole, 'a view of all');
  }, LIMIT_MS);

  afterAll(async () => {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const cut of ['full', 'one-way'] as const) {
    it(
      `stops the head on the smaller side of a ${cut} partition, loses nothing, and goes on when it heals`,
      async () => {
        await ask('submit', { count: 60 });
        await ask('first');
        lab.cut(cut);
        try {
          const [idle, ...later] = await withoutQuorum();
          for (const { assigned, ended, submitted, queued } of later) {
            expect(assigned).toBe(0);
            expect(ended).toBe(idle.ended);
            // More may wait than before: the driver submits again what was lost on the other side, a little later.
            expect(queued).toBe(idle.queued + submitted - idle.submitted);
          }
        } finally {
          lab.heal(cut);
        }
        await until(isWhole, 'a view of all again');
        const results = (await ask('results')) as number[];
        expect(results).toEqual(results.map((_, index) => index));
        // Every attempt the head took in has ended, once.
        await until(
          ({ queued, assigned, submitted, ended }) => queued + assigned === 0 && ended === submitted,
          'the end of every attempt',
        );
      },
      LIMIT_MS,
    );
  }
});
