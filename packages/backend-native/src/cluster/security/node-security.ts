/**
 * What a running node knows about identities: its own, read from its folder and read again when the files change,
 * and those of its peers, each proved by a certificate.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnantError, type Clock, systemClock } from '@anant/core';
import type { NodeCertificate } from './authority.js';
import { KEY_OVERLAP_MS, KeyDirectory } from './key-directory.js';
import { AUTHORITY_FILE, NODE_FILE, parseRevoked, REVOKED_FILE } from './node-files.js';
import type { NodeIdentity } from './node-identity.js';
import { readBundle } from './pem-bundle.js';
import { Trust } from './trust.js';

export interface NodeSecurityOptions {
  /** Folder with `node.pem`, `ca.crt` and `revoked`, as `anant certs issue` makes it. */
  readonly directory: string;
  /** How often the files are looked at. @default 10,000 */
  readonly reloadIntervalMs?: number;
  /** How long the CURVE key before the newest one of a node is accepted. @default KEY_OVERLAP_MS, 60,000 */
  readonly keyOverlapMs?: number;
  readonly clock?: Clock;
}

const RELOAD_INTERVAL_MS = 10_000;
/** Things told about a change: servers, channels and sockets of one node. */
export const LISTENERS_MAX = 10_000;

interface Loaded {
  readonly text: string;
  readonly own: NodeCertificate;
  readonly identity: NodeIdentity;
  readonly trust: Trust;
}

export class NodeSecurity {
  readonly keys: KeyDirectory;
  /** How long the CURVE key before the newest one of a node is accepted. */
  readonly keyOverlapMs: number;
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #listeners = new Set<() => void>();
  #loaded: Loaded;
  #cancelTimer: (() => void) | undefined;
  #reloadProblem: Error | undefined;

  private constructor(loaded: Loaded, options: NodeSecurityOptions) {
    this.#loaded = loaded;
    this.#directory = options.directory;
    this.#clock = options.clock ?? systemClock;
    this.#intervalMs = options.reloadIntervalMs ?? RELOAD_INTERVAL_MS;
    this.keyOverlapMs = options.keyOverlapMs ?? KEY_OVERLAP_MS;
    this.keys = new KeyDirectory({
      nowMs: () => this.#clock.wallMs(),
      isRevoked: (fingerprint) => this.#loaded.trust.isRevoked(fingerprint),
      overlapMs: this.keyOverlapMs,
    });
    this.keys.bind(loaded.identity);
    this.#arm();
  }

  /** @throws AnantError `E_CERTIFICATE_INVALID` or `E_IDENTITY_REFUSED` saying which file is wrong and why. */
  static async open(options: NodeSecurityOptions): Promise<NodeSecurity> {
    return new NodeSecurity(await load(options.directory, options.clock ?? systemClock), options);
  }

  get identity(): NodeIdentity {
    return this.#loaded.identity;
  }

  /** Certificate and secret keys of this node. Never log it. */
  get own(): NodeCertificate {
    return this.#loaded.own;
  }

  get trust(): Trust {
    return this.#loaded.trust;
  }

  /** Why the files as they are now are not in use; the last good ones are. */
  get reloadProblem(): Error | undefined {
    return this.#reloadProblem;
  }

  /**
   * Proves a certificate and binds its CURVE key to its node id. Whoever passed it on need not be trusted.
   * @throws AnantError `E_IDENTITY_REFUSED` with the reason.
   */
  admit(certificate: string | Buffer): NodeIdentity {
    const identity = this.verify(certificate);
    this.keys.bind(identity);
    return identity;
  }

  /** @throws AnantError `E_IDENTITY_REFUSED` with the reason. */
  verify(certificate: string | Buffer): NodeIdentity {
    return this.#loaded.trust.verify(certificate, this.#clock.wallMs());
  }

  /** Whether a certificate was good until it expired or was revoked. @throws AnantError `E_IDENTITY_REFUSED` for bytes that are none. */
  wasValid(certificate: string | Buffer): boolean {
    return this.#loaded.trust.wasValid(certificate, this.#clock.wallMs());
  }

  /** Calls back after every change of the files. @returns a function that ends it. */
  onChange(listener: () => void): () => void {
    if (this.#listeners.size >= LISTENERS_MAX)
      throw new RangeError(`More than ${LISTENERS_MAX} listeners: is one added again and again?`);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the files now. Files that do not fit together are not taken; `reloadProblem` says why. */
  async reload(): Promise<'changed' | 'same' | 'refused'> {
    try {
      const loaded = await load(this.#directory, this.#clock);
      this.#reloadProblem = undefined;
      if (loaded.text === this.#loaded.text) return 'same';
      this.#loaded = loaded;
    } catch (error) {
      this.#reloadProblem = error as Error;
      return 'refused';
    }
    this.keys.bind(this.#loaded.identity);
    for (const listener of [...this.#listeners]) listener();
    return 'changed';
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#listeners.clear();
  }

  #arm(): void {
    this.#cancelTimer = this.#clock.schedule(this.#intervalMs, () => {
      void this.reload().then(() => {
        if (this.#cancelTimer) this.#arm();
      });
    });
  }
}

async function load(directory: string, clock: Clock): Promise<Loaded> {
  const file = join(directory, NODE_FILE);
  const bundle = await read(file);
  const authorities = await read(join(directory, AUTHORITY_FILE));
  const revoked = await read(join(directory, REVOKED_FILE));
  const own = readBundle(bundle, file);
  const trust = new Trust({ authorities, revoked: parseRevoked(revoked) });
  const identity = trust.verify(own.certificate, clock.wallMs());
  if (!identity.curveKey.equals(own.curve.publicKey) || !identity.signKey.equals(own.sign.publicKey)) {
    throw new AnantError('E_CERTIFICATE_INVALID', `The secret keys in ${file} are not the certificate's.`, {
      advice: `Make it again: anant certs rotate ${identity.nodeId}`,
    });
  }
  return { text: `${bundle}${authorities}${revoked}`, own, identity, trust };
}

async function read(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause) => {
    throw new AnantError('E_CERTIFICATE_INVALID', `${file} cannot be read.`, {
      cause,
      advice: 'Copy the folder that "anant certs issue" made, whole.',
      details: { file },
    });
  });
}
