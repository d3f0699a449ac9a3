/** Certificates that a cluster must refuse, each wrong in one way, and those of its own to compare with. */
import { join } from 'node:path';
import { CertificateStore, NodeSecurity } from '@anant/backend-native/security';

const DAY_MS = 86_400_000;

/** What is wrong with a certificate. */
export const FLAWS = ['foreign', 'public', 'expired', 'early', 'revoked'] as const;
export type Flaw = (typeof FLAWS)[number];

export type Shown = Pick<NodeSecurity, 'own' | 'identity' | 'trust'>;

export class BadCredentials {
  /** PEM file of an authority that the machine is to trust by default. */
  readonly publicAuthority: string;
  readonly #flawed: ReadonlyMap<Flaw, Shown>;

  private constructor(folder: string, flawed: ReadonlyMap<Flaw, Shown>) {
    this.#flawed = flawed;
    this.publicAuthority = join(folder, 'public', 'ca.crt');
  }

  /** @param authority folder of the authority of the cluster; made here. @param folder of what is made besides */
  static async make(authority: string, folder: string): Promise<BadCredentials> {
    const ours = await CertificateStore.create(authority, { cluster: 'ours' });
    const issue = async (store: CertificateStore, name: string) =>
      (await store.issue({ nodeId: name, role: 'driver', hosts: ['127.0.0.1'], validDays: 1 })).folder;
    const open = async (directory: string): Promise<Shown> => {
      const security = await NodeSecurity.open({ directory });
      security.close();
      return security;
    };
    const other = async (name: string) =>
      issue(await CertificateStore.create(join(folder, name), { cluster: 'ours' }), 'driver');
    const at = (shiftMs: number) => CertificateStore.open(authority, () => Date.now() + shiftMs);
    const revoked = await issue(ours, 'revoked');
    const shown = await open(revoked);
    await ours.revoke(shown.identity.fingerprint);
    return new BadCredentials(
      folder,
      new Map([
        ['foreign', await open(await other('foreign'))],
        ['public', await open(await other('public'))],
        ['expired', await unchecked(await issue(await at(-10 * DAY_MS), 'expired'), -10 * DAY_MS)],
        ['early', await unchecked(await issue(await at(10 * DAY_MS), 'early'), 10 * DAY_MS)],
        ['revoked', shown],
      ]),
    );
  }

  of(flaw: Flaw): Shown {
    return this.#flawed.get(flaw) as Shown;
  }
}

/** Opens it at a time at which it holds. */
async function unchecked(directory: string, shiftMs: number): Promise<Shown> {
  const clock = { nowMs: () => 0, wallMs: () => Date.now() + shiftMs, schedule: () => () => {} };
  return await NodeSecurity.open({ directory, clock });
}
