/** A cluster from the command line, as a new user meets it: up, status, run, explain, drain, down, and nothing left. */
import { mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@anant/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { emptyFolder, runCli, startCli } from '../cli/run-cli.js';
import { processesWith, processOf } from '../conformance/support/processes.js';

const GRAPH = 'a b\nb c\nc a\nc d\n';
let folder = '';

afterEach(async () => {
  if (folder !== '') await runCli(['down'], folder);
});

describe('a cluster from the command line', () => {
  it('comes up, runs an algorithm, and leaves nothing behind', async () => {
    folder = realpathSync(emptyFolder());
    writeFileSync(join(folder, 'graph.txt'), GRAPH);
    const none = await runCli(['status', '--json'], folder);
    expect(none.exitCode).toBe(4);
    expect(JSON.parse(none.stdout).error.code).toBe('E_BACKEND_UNAVAILABLE');

    const up = await runCli(['up', '--workers', '2', '--port', '0', '--json'], folder);
    expect(up.exitCode, up.stderr).toBe(0);
    const { address, head, workers } = JSON.parse(up.stdout);
    const pids: number[] = [head.pid, ...workers.map(({ pid }: { pid: number }) => pid)];
    expect(pids).toHaveLength(3);

    // A folder below finds it too.
    mkdirSync(join(folder, 'below'));
    const status = await runCli(['status', '--json'], join(folder, 'below'));
    expect(status.exitCode).toBe(0);
    const { members, leadership } = JSON.parse(status.stdout);
    expect(members.map(({ role }: { role: string }) => role).sort()).toEqual(['head', 'worker', 'worker']);
    expect(leadership).toBe('single-head');
    expect((await runCli(['up', '--port', '0'], folder)).exitCode).toBe(3);

    const run = await runCli(
      ['run', 'degrees', 'graph.txt', '--format', 'edges', '--backend', 'native', '--json'],
      folder,
    );
    expect(run.exitCode, run.stderr + run.stdout).toBe(0);
    expect(JSON.parse(run.stdout).backend).toBe('native');
    const ended = async () => JSON.parse((await runCli(['status', '--json'], folder)).stdout).ended;
    const used = await ended();
    expect(used).toBeGreaterThan(0);

    const job = ['run', 'degrees', 'graph.txt', '--format', 'edges', '--backend', 'native'];
    const told = await runCli(job, folder);
    expect(told.stderr).toContain(`native runs on the one of this folder, at ${address}`);
    const usedTwice = await ended();
    expect(usedTwice).toBeGreaterThan(used);
    const embedded = await runCli([...job, '--embedded'], folder);
    expect(embedded.exitCode, embedded.stderr).toBe(0);
    writeFileSync(
      join(folder, 'anant.config.mjs'),
      "export default { backends: { native: { cluster: { address: 'none' } } } };\n",
    );
    const configured = await runCli(job, folder);
    expect(configured.exitCode, configured.stderr).toBe(0);
    for (const { stderr } of [embedded, configured]) expect(stderr).not.toContain(address);
    expect(await ended()).toBe(usedTwice);

    rmSync(join(folder, 'anant.config.mjs'));
    // Large enough for threads where they share the graph's memory; those of a cluster do not.
    const edges = Array.from({ length: 60_000 }, (_, at) => `${at % 997} ${1000 + ((at * 31 + 7) % 1009)}`);
    writeFileSync(join(folder, 'large.txt'), edges.join('\n'));
    const large = ['run', 'pagerank', 'large.txt', '--format', 'edges', '--backend', 'native', '--json'];
    const [there, here] = [await runCli(large, folder), await runCli([...large, '--embedded'], folder)];
    expect(there.exitCode, there.stderr + there.stdout).toBe(0);
    expect(JSON.parse(there.stdout).checksum).toBe(JSON.parse(here.stdout).checksum);
    expect(await ended()).toBeGreaterThan(usedTwice);

    const node = startCli(['node', '--join', address, '--name', 'extra', '--slots', '1'], folder);
    await node.says('extra works for');
    expect((await runCli(['drain', 'extra'], folder)).exitCode).toBe(0);
    expect((await node.ended).exitCode).toBe(0);
    expect((await runCli(['drain', 'extra'], folder)).exitCode).toBe(2);
    expect((await runCli(['explain', 'no-such-task'], folder)).exitCode).toBe(2);
    expect((await runCli(['top', '--json', '--count', '2', '--interval', '100'], folder)).exitCode).toBe(0);

    // One that was drained has not ended by trouble: no log stays because of it.
    expect((await runCli(['drain', 'worker-1'], folder)).exitCode).toBe(0);
    await eventually(async () => !(await runCli(['status'], folder)).stdout.includes('worker-1 '));
    const down = await runCli(['down', '--json'], folder);
    expect(down.exitCode).toBe(0);
    expect(JSON.parse(down.stdout)).toMatchObject({ killed: [], missing: [] });
    for (const pid of pids) expect(processOf(pid)).toBeUndefined();
    expect(processesWith(folder)).toEqual([]);
    // The number of the last epoch alone: the next head counts on from there.
    expect(readdirSync(join(folder, '.anant', 'cluster'))).toEqual(['epoch']);
  });

  it('says at the end what had ended before, and keeps the logs then', async () => {
    folder = realpathSync(emptyFolder());
    const up = await runCli(['up', '--workers', '1', '--port', '0', '--json'], folder);
    expect(up.exitCode, up.stderr).toBe(0);
    const { head } = JSON.parse(up.stdout);
    process.kill(head.pid, 'SIGKILL');
    await eventually(() => processOf(head.pid) === undefined, 60_000);
    const status = await runCli(['status'], folder);
    expect(status.exitCode).toBe(4);
    const second = await runCli(['up', '--port', '0'], folder);
    expect(second.stderr).toContain('Workers of a cluster whose head has ended');
    expect(second.exitCode).toBe(3);
    const scaled = await runCli(['scale', '--max', '1', '--count', '2', '--interval', '10'], folder);
    expect(scaled.stderr).toContain('Nothing is changed: ');
    const down = await runCli(['down'], folder);
    expect(down.stdout).toContain('Ended before: head.');
    expect(down.stdout).toContain('Logs stay in .anant/cluster.');
    expect(readdirSync(join(folder, '.anant', 'cluster')).sort()).toEqual([
      'epoch',
      'head.log',
      'worker-1.log',
    ]);
  });
});
