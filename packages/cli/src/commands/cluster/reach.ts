/** Which cluster a command is about: the one named, that of this folder, or that of the configuration. */
import {
  type AdminOptions,
  ClusterAdmin,
  certificatesOf,
  deathOfHeads,
  findLocalCluster,
  type LocalCluster,
  rememberHeads,
} from '@anant/backend-native/cluster';
import { NodeSecurity } from '@anant/backend-native/security';
import { AnantError } from '@anant/core';
import type { CommonOptions } from '../../command.js';
import { loadNativeSettings } from './native-settings.js';

export interface HeadOptions extends CommonOptions {
  /** `host:port` of the head. */
  readonly head?: string;
  /** Folder of the certificate to show. */
  readonly certificates?: string;
}

type Reach = Omit<AdminOptions, 'security'> & {
  readonly certificates: string | undefined;
  /** The local cluster, when it is that one. */
  readonly local?: LocalCluster & { readonly directory: string };
};

/** The cluster of this folder, when these are heads of it. */
export function localClusterOf(heads: string): ReturnType<typeof findLocalCluster> {
  const local = findLocalCluster(process.cwd());
  const known = local?.address.split(',') ?? [];
  return heads.split(',').some((head) => known.includes(head)) ? local : undefined;
}

/** The token for joining a cluster by its heads: of the environment, or of this folder's cluster when it is that one. */
export function tokenFor(heads: string): string | undefined {
  return process.env.ANANT_CLUSTER_TOKEN ?? localClusterOf(heads)?.token;
}

/** @throws AnantError when no head is named, and neither this folder nor the configuration has a cluster */
async function clusterOf({ head, certificates }: HeadOptions): Promise<Reach> {
  const directory = process.cwd();
  const local = findLocalCluster(directory);
  const token = process.env.ANANT_CLUSTER_TOKEN;
  if (local !== undefined && (head === undefined || local.address.split(',').includes(head))) {
    const folder = certificatesOf({ certificates, directory, local });
    const { address } = local;
    return { address, token: token ?? local.token, certificates: folder, local };
  }
  const configured = await configuredCluster();
  const address = head ?? configured?.address;
  if (address === undefined) {
    throw new AnantError('E_BACKEND_UNAVAILABLE', 'No cluster runs for this folder.', {
      advice: 'Start one with `npx anant up`, or name its head with --head or in the configuration.',
    });
  }
  const named = certificatesOf({ certificates, directory, local: undefined });
  // Nobody is shown what is meant for another cluster.
  const own = configured?.address === address ? configured : undefined;
  return { address, token: token ?? own?.token, certificates: named ?? own?.certificates };
}

/** The cluster of the native backend, when the configuration names one. */
async function configuredCluster() {
  const { options, directory } = await loadNativeSettings();
  const { address, token, certificates } = options.cluster ?? {};
  if (address === undefined || address === 'auto' || address === 'none') return undefined;
  const folder = certificates && certificatesOf({ certificates, directory, local: undefined });
  return { address, token, certificates: folder };
}

/** Asks and closes the connection, whatever the answer. @throws AnantError that says so when the heads of this folder have ended */
export async function withAdmin<Answer>(
  options: HeadOptions,
  ask: (admin: ClusterAdmin) => Promise<Answer>,
): Promise<Answer> {
  const { certificates, local, ...reach } = await clusterOf(options);
  const security =
    certificates === undefined ? undefined : await NodeSecurity.open({ directory: certificates });
  try {
    const admin = new ClusterAdmin({ ...reach, ...(security && { security }) });
    try {
      const answer = await ask(admin);
      if (local !== undefined) rememberHeads(local.directory, admin.heads);
      return answer;
    } catch (error) {
      const isUnreached = AnantError.is(error) && error.code === 'E_BACKEND_UNAVAILABLE';
      throw (isUnreached && local && deathOfHeads(local, local.directory)) || error;
    } finally {
      admin.close();
    }
  } finally {
    security?.close();
  }
}
