/** Live hypergraphs in a folder: what was durable is there again, also after SIGKILL in the middle of writing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { Hypergraph } from '../graph.js';
import { tempFiles } from '../testing/temp-files.js';
import { LiveHypergraph } from './live-hypergraph.js';

describe.each(['process', 'power'] as const)('a live hypergraph in a folder, durability %s', (durability) => {
  it('is, after closing and opening, what it was; ids go on', async () => {
    const folder = tempFiles({});
    const graph = await LiveHypergraph.open({ folder, durability, base: Hypergraph.from([['a', 'b']]) });
    await graph.apply([
      { type: 'hyperedge-add', members: ['b', 'c'], properties: { time: 3, relation: 'r' } },
    ]);
    await graph.apply([{ type: 'hyperedge-remove', id: 0 }]);
    await graph.close();
    await using again = await LiveHypergraph.open({ folder, durability });
    expect(again.epoch).toBe(2);
    const snapshot = again.snapshot();
    expect([...snapshot.hyperedges()]).toEqual([1]);
    expect(snapshot.membersOf(1)).toEqual(['b', 'c']);
    expect(snapshot.hyperedgeProperties(1)).toEqual({ time: 3, relation: 'r' });
    await again.apply([{ type: 'hyperedge-add', members: [] }]);
    expect([...again.snapshot().hyperedges()]).toEqual([1, 2]);
  });

  it('is one saved base after a merge, and the same', async () => {
    const folder = tempFiles({});
    const graph = await LiveHypergraph.open({ folder, durability });
    for (let at = 0; at < 20; at++) await graph.apply([{ type: 'hyperedge-add', members: [at, at + 1] }]);
    await graph.merge();
    await graph.apply([{ type: 'vertex-remove', id: 5 }]);
    await graph.close();
    expect(readdirSync(folder).filter((name) => name.endsWith('.anant'))).toEqual(['base-20.anant']);
    await using again = await LiveHypergraph.open({ folder, durability });
    expect(again.epoch).toBe(21);
    expect(again.snapshot().membersOf(4)).toEqual([4]);
    await again.apply([{ type: 'hyperedge-add', members: [] }]);
    expect(again.snapshot().hasHyperedge(20)).toBe(true);
  });
});

describe('a live hypergraph in a folder', () => {
  it('has every batch that was acknowledged before SIGKILL, whole batches only', async () => {
    const folder = tempFiles({});
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../testing/apply-for-ever.mjs'), folder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged >= 300) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await using graph = await LiveHypergraph.open({ folder });
    expect(acknowledged).toBeGreaterThanOrEqual(300);
    expect(graph.epoch).toBeGreaterThanOrEqual(acknowledged);
    expect(graph.hyperedgeCount).toBe(3 * graph.epoch);
    expect(graph.incidenceCount).toBe(6 * graph.epoch);
  });

  it('refuses a base where one is kept, and a log of another format', async () => {
    const folder = tempFiles({});
    const graph = await LiveHypergraph.open({ folder });
    await graph.apply([{ type: 'vertex-add', id: 1 }]);
    await graph.close();
    await expect(LiveHypergraph.open({ folder, base: Hypergraph.from([]) })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: expect.stringContaining('holds a live hypergraph already'),
    });
  });

  it('says so when its folder cannot be used', async () => {
    const folder = tempFiles({ file: '' });
    await expect(LiveHypergraph.open({ folder: join(folder, 'file', 'x') })).rejects.toMatchObject({
      code: 'E_FILE_WRITE',
    });
    writeFileSync(join(folder, 'changes.mdb'), 'this is no log, only a text of some length '.repeat(500));
    await expect(LiveHypergraph.open({ folder })).rejects.toMatchObject({ code: 'E_FILE_FORMAT' });
  });
});
