/** Certificates as files: what is made, what is believed, what is refused, and how they are replaced. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { createAuthority, issueCertificate } from './authority.js';
import { CertificateStore } from './certificate-store.js';
import { keyPairOf } from './key-pairs.js';
import { parseRevoked } from './node-files.js';
import { identityOf } from './node-identity.js';
import { NodeSecurity } from './node-security.js';
import { Trust } from './trust.js';
import { z85Decode, z85Encode } from './z85.js';

const DAY_MS = 86_400_000;
let directory: string;
let store: CertificateStore;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'anant-certs-'));
  store = await CertificateStore.create(directory, { cluster: 'test' });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('Z85', () => {
  it('agrees with the test vector of RFC 32 and with keys of libzmq', () => {
    expect(z85Encode(Buffer.from('864fd26fb559f75b', 'hex'))).toBe('HelloWorld');
    for (let round = 0; round < 8; round++) {
      const { publicKey, secretKey } = curveKeyPair();
      expect(z85Encode(z85Decode(publicKey))).toBe(publicKey);
      expect(z85Encode(keyPairOf('X25519', z85Decode(secretKey)).publicKey)).toBe(publicKey);
    }
  });

  it('takes every 4 bytes and refuses what is not Z85', () => {
    for (const bytes of [Buffer.alloc(4), Buffer.alloc(4, 255), randomBytes(64)])
      expect(z85Decode(z85Encode(bytes))).toEqual(bytes);
    for (const text of ['abc', '~~~~~', '#####']) expect(() => z85Decode(text)).toThrow(TypeError);
    expect(() => z85Encode(Buffer.alloc(5))).toThrow(TypeError);
  });
});

describe('the store', () => {
  it('makes files that only the owner reads, in folders that only the owner enters', async () => {
    const { folder } = await store.issue({ nodeId: 'modes', role: 'worker', hosts: ['127.0.0.1'] });
    const files = [...(await files_(directory, 'ca.')), ...(await files_(folder, ''))];
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const file of files) expect((await stat(file)).mode & 0o777, file).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('binds id, role, hosts and both keys by one signature', async () => {
    const { folder, hosts } = await store.issue({
      nodeId: 'head-1',
      role: 'head',
      hosts: ['localhost', '127.0.0.1', '::1'],
    });
    expect(hosts).toEqual(['localhost', '127.0.0.1', '0:0:0:0:0:0:0:1']);
    const security = await NodeSecurity.open({ directory: folder });
    expect(security.identity).toMatchObject({ nodeId: 'head-1', role: 'head' });
    expect(security.identity.curveKey).toEqual(security.own.curve.publicKey);
    expect(security.identity.signKey).toEqual(security.own.sign.publicKey);
    expect(security.identity.validToMs - Date.now()).toBeGreaterThan(89 * DAY_MS);
    security.close();
  });

  it('overwrites neither an authority nor a node', async () => {
    await expect(CertificateStore.create(directory, { cluster: 'test' })).rejects.toMatchObject({
      code: 'E_CERTIFICATE_INVALID',
    });
    await expect(store.issue({ nodeId: 'head-1', role: 'head', hosts: [] })).rejects.toMatchObject({
      advice: 'Replace it: anant certs rotate head-1',
    });
  });

  it.each(['', 'UPPER', '../escape', 'a b', 'x'.repeat(64), 'a,b', '-dash'])(
    'refuses the id "%s"',
    async (id) => {
      await expect(store.issue({ nodeId: id, role: 'worker', hosts: [] })).rejects.toMatchObject({
        code: 'E_CERTIFICATE_INVALID',
      });
    },
  );

  it('never lets a certificate outlive its authority', async () => {
    const short = await CertificateStore.create(join(directory, 'short'), { cluster: 'c', validDays: 10 });
    const { identity } = await short.issue({ nodeId: 'w', role: 'worker', hosts: [], validDays: 90 });
    expect(identity.validToMs).toBeLessThanOrEqual(short.validToMs);
  });

  it('lists states: valid, expired, revoked', async () => {
    let nowMs = Date.now();
    const folder = join(directory, 'states');
    const own = await CertificateStore.create(folder, { cluster: 'c' }, () => nowMs);
    for (const nodeId of ['a', 'b', 'c'])
      await own.issue({ nodeId, role: 'worker', hosts: [], validDays: nodeId === 'b' ? 1 : 90 });
    await own.revoke((await own.node('c')).identity.fingerprint);
    nowMs += 2 * DAY_MS;
    const reopened = await CertificateStore.open(folder, () => nowMs);
    expect((await reopened.list()).map(({ identity, state }) => [identity.nodeId, state])).toEqual([
      ['a', 'valid'],
      ['b', 'expired'],
      ['c', 'revoked'],
    ]);
  });
});

describe('trust', () => {
  const nowMs = Date.UTC(2026, 5, 1);
  const options = { nodeId: 'n1', role: 'worker', hosts: [], nowMs, validMs: DAY_MS } as const;

  it('believes its own authority only, in time only, unless revoked', async () => {
    const ours = await createAuthority({ cluster: 'ours', nowMs, validMs: 10 * DAY_MS });
    const other = await createAuthority({ cluster: 'ours', nowMs, validMs: 10 * DAY_MS });
    const good = await issueCertificate(ours, options);
    const foreign = await issueCertificate(other, options);
    const trust = new Trust({ authorities: ours.certificate, revoked: new Set() });
    const identity = trust.verify(good.certificate, nowMs);
    expect(identity.nodeId).toBe('n1');
    const refusal = (certificate: string, atMs: number, by = trust) => {
      try {
        return by.verify(certificate, atMs).nodeId;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal(foreign.certificate, nowMs)).toMatch(/not issued by this cluster/);
    expect(refusal(ours.certificate, nowMs)).toMatch(/not issued by this cluster/);
    expect(refusal(good.certificate, nowMs + 2 * DAY_MS)).toMatch(/expired/);
    expect(refusal(good.certificate, nowMs - DAY_MS)).toMatch(/holds only from/);
    expect(refusal('nonsense', nowMs)).toMatch(/cannot be read/);
    const strict = new Trust({ authorities: ours.certificate, revoked: new Set([identity.fingerprint]) });
    expect(refusal(good.certificate, nowMs, strict)).toMatch(/is revoked/);
    const both = new Trust({ authorities: ours.certificate + other.certificate, revoked: new Set() });
    expect(refusal(foreign.certificate, nowMs, both)).toBe('n1');
  });

  it('refuses a node as an authority', async () => {
    const ours = await createAuthority({ cluster: 'ours', nowMs, validMs: 10 * DAY_MS });
    const { certificate } = await issueCertificate(ours, options);
    expect(() => new Trust({ authorities: certificate, revoked: new Set() })).toThrow(/no authority/);
    expect(() => new Trust({ authorities: '', revoked: new Set() })).toThrow(/not 0/);
  });

  it('reads no identity from names that only look like one', async () => {
    const ours = await createAuthority({ cluster: 'ours', nowMs, validMs: 10 * DAY_MS });
    const { certificate } = await issueCertificate(ours, { ...options, hosts: ['uri.anant.worker.n2'] });
    expect(identityOf(new X509Certificate(certificate)).nodeId).toBe('n1');
    expect(() => identityOf(new X509Certificate(ours.certificate))).toThrow(/names 0 Anant nodes/);
  });
});

describe('a running node', () => {
  it('takes new files, keeps the last good ones, and tells its listeners', async () => {
    const clock = new VirtualClock({ wallStartMs: Date.now() });
    const { folder } = await store.issue({ nodeId: 'rotates', role: 'worker', hosts: [] });
    const security = await NodeSecurity.open({ directory: folder, clock });
    const first = security.identity;
    let changes = 0;
    security.onChange(() => {
      changes += 1;
    });
    expect(await security.reload()).toBe('same');
    await store.rotate('rotates');
    expect(await security.reload()).toBe('changed');
    expect(security.identity.nodeId).toBe('rotates');
    expect(security.identity.fingerprint).not.toBe(first.fingerprint);
    expect(security.keys.find(first.curveKey)?.nodeId).toBe('rotates');
    const good = await readFile(join(folder, 'node.pem'), 'utf8');
    await writeFile(join(folder, 'node.pem'), good.slice(0, 500));
    expect(await security.reload()).toBe('refused');
    expect(security.reloadProblem?.message).toMatch(/node\.pem/);
    expect(security.identity.nodeId).toBe('rotates');
    await writeFile(join(folder, 'node.pem'), good);
    await store.revoke(first.fingerprint);
    expect(await security.reload()).toBe('changed');
    expect(security.keys.find(first.curveKey)).toBeUndefined();
    expect(changes).toBe(2);
    security.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses to start with a folder that is not whole', async () => {
    await expect(NodeSecurity.open({ directory: join(directory, 'none') })).rejects.toMatchObject({
      code: 'E_CERTIFICATE_INVALID',
    });
  });
});

it('reads revoked fingerprints one a line', () => {
  expect([...parseRevoked('aa\n\nbb \n')]).toEqual(['aa', 'bb']);
});

async function files_(folder: string, prefix: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith(prefix)).map((name) => join(folder, name));
}
