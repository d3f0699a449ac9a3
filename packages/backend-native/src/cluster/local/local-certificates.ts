/** The certificates of a cluster that `anant up` starts: made once, used again, renewed before they expire. */
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { CertificateStore, IssuedNode, NodeRole } from '@anant/backend-native/security';

/** A certificate with less left is renewed when its node starts. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const LOOPBACK = ['localhost', '127.0.0.1'];
/** Name of whoever works in the project's folder. */
const OWN_NODE = 'driver';

export interface LocalCertificatesOptions {
  /** Of the authority; made when there is none. */
  readonly folder: string;
  /** Where nodes are reached besides loopback. */
  readonly bind: string | undefined;
}

/** Where the authority of a project is: the same folder as that of `anant certs`. */
export const authorityFolder = (directory: string): string => join(directory, '.anant', 'certs');

export class LocalCertificates {
  readonly #store: CertificateStore;
  readonly #hosts: readonly string[];

  private constructor(store: CertificateStore, hosts: readonly string[]) {
    this.#store = store;
    this.#hosts = hosts;
  }

  /** @throws AnantError `E_CERTIFICATE_INVALID` */
  static async open({ folder, bind }: LocalCertificatesOptions): Promise<LocalCertificates> {
    const { CertificateStore: Store } = await import('@anant/backend-native/security');
    const store = (await Store.exists(folder))
      ? await Store.open(folder)
      : await Store.create(folder, { cluster: 'anant' });
    const isSpecific = bind !== undefined && !(isIP(bind) && /^[0:.]+$/.test(bind));
    return new LocalCertificates(store, [...new Set([...LOOPBACK, ...(isSpecific ? [bind] : [])])]);
  }

  /** Folder of the certificate that drivers and commands of this project show. */
  own(): Promise<string> {
    return this.folderOf(OWN_NODE, 'driver');
  }

  /** Folder of a node's certificate; there is one that holds when this settles. @throws AnantError */
  async folderOf(nodeId: string, role: NodeRole): Promise<string> {
    const hosts = [...this.#hosts];
    const known = (await this.#store.list()).find(({ identity }) => identity.nodeId === nodeId);
    if (known === undefined) return (await this.#store.issue({ nodeId, role, hosts })).folder;
    if (this.#isGood(known, role)) return known.folder;
    const all = [...new Set([...known.hosts, ...hosts])];
    return (await this.#store.rotate(nodeId, { role, hosts: all })).folder;
  }

  #isGood({ identity, hosts, state }: IssuedNode, role: NodeRole): boolean {
    const isFresh = identity.validToMs - Date.now() > RENEW_BEFORE_MS;
    const isNamed = this.#hosts.every((host) => hosts.includes(host));
    return state === 'valid' && identity.role === role && isFresh && isNamed;
  }
}
