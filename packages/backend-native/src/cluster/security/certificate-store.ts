/**
 * The authority's folder: `ca.crt`, `ca.key`, `revoked`, and one folder per node with what to copy to its machine
 * (`node.pem`, `ca.crt`, `revoked`). Files have mode 0600, folders 0700; each file is replaced by one rename.
 */
import { randomUUID, X509Certificate } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { type CertificatePair, createAuthority, issueCertificate } from './authority.js';
import { AUTHORITY_FILE, NODE_FILE, parseRevoked, REVOKED_FILE } from './node-files.js';
import { checkNodeId, fingerprintOf, identityOf, type NodeIdentity, type NodeRole } from './node-identity.js';
import { readBundle, writeBundle } from './pem-bundle.js';

const AUTHORITY_KEY_FILE = 'ca.key';
const NODES_FOLDER = 'nodes';
const DAY_MS = 86_400_000;
export const AUTHORITY_DAYS_DEFAULT = 3650;
export const NODE_DAYS_DEFAULT = 90;
/** Nodes one folder lists. */
export const NODES_MAX = 100_000;

export interface IssueOptions {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly hosts: readonly string[];
  /** @default 90 */
  readonly validDays?: number;
}

export interface IssuedNode {
  readonly identity: NodeIdentity;
  /** Folder to copy to the node's machine. */
  readonly folder: string;
  readonly hosts: readonly string[];
  readonly state: 'valid' | 'expired' | 'revoked';
}

export class CertificateStore {
  readonly #directory: string;
  readonly #authority: CertificatePair;
  readonly #nowMs: () => number;

  private constructor(directory: string, authority: CertificatePair, nowMs: () => number) {
    this.#directory = directory;
    this.#authority = authority;
    this.#nowMs = nowMs;
  }

  /**
   * Makes a new authority. @param options.validDays default 3650.
   * @throws AnantError `E_CERTIFICATE_INVALID` when the folder already has one: overwriting it would cut off all nodes.
   */
  static async create(
    directory: string,
    options: { readonly cluster: string; readonly validDays?: number },
    nowMs: () => number = Date.now,
  ): Promise<CertificateStore> {
    const authority = await createAuthority({
      cluster: options.cluster,
      nowMs: nowMs(),
      validMs: (options.validDays ?? AUTHORITY_DAYS_DEFAULT) * DAY_MS,
    });
    await mkdir(join(directory, NODES_FOLDER), { recursive: true, mode: 0o700 });
    try {
      const flags = { flag: 'wx', mode: 0o600 } as const;
      await writeFile(join(directory, AUTHORITY_KEY_FILE), authority.privateKey, flags);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new AnantError('E_CERTIFICATE_INVALID', `${directory} already has an authority.`, {
        cause,
        advice: 'Use it, or name another folder with --folder.',
      });
    }
    await replaceFile(join(directory, AUTHORITY_FILE), authority.certificate);
    await replaceFile(join(directory, REVOKED_FILE), '');
    return new CertificateStore(directory, authority, nowMs);
  }

  /** Whether there is an authority in the folder. */
  static async exists(directory: string): Promise<boolean> {
    return await access(join(directory, AUTHORITY_KEY_FILE)).then(
      () => true,
      () => false,
    );
  }

  /** @throws AnantError `E_CERTIFICATE_INVALID` when the folder has no authority. */
  static async open(directory: string, nowMs: () => number = Date.now): Promise<CertificateStore> {
    try {
      const certificate = await readFile(join(directory, AUTHORITY_FILE), 'utf8');
      const privateKey = await readFile(join(directory, AUTHORITY_KEY_FILE), 'utf8');
      return new CertificateStore(directory, { certificate, privateKey }, nowMs);
    } catch (cause) {
      throw new AnantError('E_CERTIFICATE_INVALID', `${directory} has no certificate authority.`, {
        cause,
        advice: 'Run: anant certs init',
      });
    }
  }

  /** Until when the authority's own certificate holds, wall-clock milliseconds. */
  get validToMs(): number {
    return Date.parse(new X509Certificate(this.#authority.certificate).validTo);
  }

  /** @throws AnantError `E_CERTIFICATE_INVALID` when the node already has a certificate. */
  async issue(options: IssueOptions): Promise<IssuedNode> {
    const folder = this.#folder(options.nodeId);
    await mkdir(join(this.#directory, NODES_FOLDER), { recursive: true, mode: 0o700 });
    await mkdir(folder, { mode: 0o700 }).catch((cause) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new AnantError('E_CERTIFICATE_INVALID', `"${options.nodeId}" already has a certificate.`, {
        cause,
        advice: `Replace it: anant certs rotate ${options.nodeId}`,
      });
    });
    return await this.#write(options);
  }

  /** New certificate and keys for a known node; the old ones hold until they expire or are revoked. */
  async rotate(
    nodeId: string,
    options: Partial<Pick<IssueOptions, 'validDays' | 'role' | 'hosts'>> = {},
  ): Promise<IssuedNode> {
    const { identity, hosts } = await this.node(nodeId);
    return await this.#write({ nodeId, role: identity.role, hosts, ...options });
  }

  /** Refuses a certificate from now on. Copy `revoked` to every node: each reads it again within seconds. */
  async revoke(fingerprint: string): Promise<void> {
    const text = revokedText(new Set([...(await this.revoked()), fingerprint]));
    await replaceFile(join(this.#directory, REVOKED_FILE), text);
    for (const id of await this.#nodeIds()) await replaceFile(join(this.#folder(id), REVOKED_FILE), text);
  }

  async revoked(): Promise<ReadonlySet<string>> {
    return parseRevoked(await readFile(join(this.#directory, REVOKED_FILE), 'utf8').catch(() => ''));
  }

  /** @throws AnantError `E_CERTIFICATE_INVALID` for a node without a certificate here. */
  async node(nodeId: string): Promise<IssuedNode> {
    const folder = this.#folder(nodeId);
    const file = join(folder, NODE_FILE);
    const text = await readFile(file, 'utf8').catch((cause) => {
      throw new AnantError('E_CERTIFICATE_INVALID', `"${nodeId}" has no certificate in ${this.#directory}.`, {
        cause,
        advice: '"anant certs list" shows the nodes.',
      });
    });
    const certificate = new X509Certificate(readBundle(text, file).certificate);
    const identity = identityOf(certificate);
    const isRevoked = (await this.revoked()).has(fingerprintOf(certificate));
    const state = isRevoked ? 'revoked' : this.#nowMs() > identity.validToMs ? 'expired' : 'valid';
    return { identity, folder, hosts: hostsOf(certificate), state };
  }

  /** Every node with a certificate here, by id. */
  async list(): Promise<IssuedNode[]> {
    const nodes: IssuedNode[] = [];
    for (const nodeId of await this.#nodeIds()) nodes.push(await this.node(nodeId));
    return nodes;
  }

  async #nodeIds(): Promise<string[]> {
    const names = await readdir(join(this.#directory, NODES_FOLDER)).catch(() => []);
    return names.sort().slice(0, NODES_MAX);
  }

  async #write(options: IssueOptions): Promise<IssuedNode> {
    const { nodeId, role, hosts, validDays = NODE_DAYS_DEFAULT } = options;
    const nowMs = this.#nowMs();
    const issued = await issueCertificate(this.#authority, {
      nodeId,
      role,
      hosts,
      nowMs,
      // No certificate outlives its authority: it would stop working without a warning.
      validMs: Math.min(validDays * DAY_MS, this.validToMs - nowMs),
    });
    const folder = this.#folder(nodeId);
    await replaceFile(join(folder, AUTHORITY_FILE), this.#authority.certificate);
    await replaceFile(join(folder, REVOKED_FILE), revokedText(await this.revoked()));
    await replaceFile(join(folder, NODE_FILE), writeBundle(issued));
    return await this.node(nodeId);
  }

  #folder(nodeId: string): string {
    return join(this.#directory, NODES_FOLDER, checkNodeId(nodeId));
  }
}

const revokedText = (fingerprints: ReadonlySet<string>): string =>
  [...fingerprints].map((fingerprint) => `${fingerprint}\n`).join('');

function hostsOf(certificate: X509Certificate): string[] {
  const entries = (certificate.subjectAltName ?? '').split(', ');
  return entries.flatMap((entry) => entry.match(/^(?:DNS|IP Address):(.+)$/)?.[1] ?? []);
}

async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, file);
}
