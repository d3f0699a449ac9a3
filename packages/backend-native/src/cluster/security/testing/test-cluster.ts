/** A small cluster with real certificates, for tests of listeners. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateStore } from '../certificate-store.js';
import type { NodeRole } from '../node-identity.js';
import { NodeSecurity } from '../node-security.js';

export class TestCluster {
  readonly directory: string;
  readonly store: CertificateStore;
  /** Another authority with the same name. */
  readonly other: CertificateStore;
  readonly #opened: NodeSecurity[] = [];

  private constructor(directory: string, store: CertificateStore, other: CertificateStore) {
    this.directory = directory;
    this.store = store;
    this.other = other;
  }

  static async create(): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'anant-listeners-'));
    const store = await CertificateStore.create(join(directory, 'ours'), { cluster: 'ours' });
    const other = await CertificateStore.create(join(directory, 'other'), { cluster: 'ours' });
    return new TestCluster(directory, store, other);
  }

  async open(nodeId: string, role: NodeRole, from = this.store): Promise<NodeSecurity> {
    const { folder } = await from.issue({ nodeId, role, hosts: ['localhost', '127.0.0.1'] });
    const security = await NodeSecurity.open({ directory: folder });
    this.#opened.push(security);
    return security;
  }

  async close(): Promise<void> {
    for (const security of this.#opened) security.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** @throws Error when nothing came in time. */
export async function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${timeoutMs} ms`)), timeoutMs);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
