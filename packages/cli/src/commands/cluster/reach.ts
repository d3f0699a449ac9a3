/** Which cluster a command is about: the one named, that of this folder, or that of the configuration. */
import {
  type AdminOptions,
  ClusterAdmin,
  certificatesOf,
  findLocalCluster,
} from '@anant/backend-native/cluster';
import { NodeSecurity } from '@anant/backend-native/security';
import { AnantError, DEFAULT_BACKEND } from '@anant/core';
import { loadConfig } from '@anant/core/config';
import type { CommonOptions } from '../../command.js';

export interface HeadOptions extends CommonOptions {
  /** `host:port` of the head. */
  readonly head?: string;
  /** Folder of the certificate to show. */
  readonly certificates?: string;
}

type Reach = Omit<AdminOptions, 'security'> & { readonly certificates: string | undefined };

/** @throws AnantError when no head is named, and neither this folder nor the configuration has a cluster */
async function clusterOf({ head, certificates }: HeadOptions): Promise<Reach> {
  const directory = process.cwd();
  const local = findLocalCluster(directory);
  const token = process.env.ANANT_CLUSTER_TOKEN;
  if (local !== undefined && (head === undefined || local.address.split(',').includes(head))) {
    const folder = certificatesOf({ certificates, directory, local });
    return { address: local.address, token: token ?? local.token, certificates: folder };
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
  const { backends, directory } = await loadConfig({});
  const { address, token, certificates } = (backends[DEFAULT_BACKEND]?.options.cluster ?? {}) as {
    readonly address?: string;
    readonly token?: string;
    readonly certificates?: string;
  };
  if (address === undefined || address === 'auto') return undefined;
  const folder = certificates && certificatesOf({ certificates, directory, local: undefined });
  return { address, token, certificates: folder };
}

/** Asks and closes the connection, whatever the answer. */
export async function withAdmin<Answer>(
  options: HeadOptions,
  ask: (admin: ClusterAdmin) => Promise<Answer>,
): Promise<Answer> {
  const { certificates, ...reach } = await clusterOf(options);
  const security =
    certificates === undefined ? undefined : await NodeSecurity.open({ directory: certificates });
  try {
    const admin = new ClusterAdmin({ ...reach, ...(security && { security }) });
    try {
      return await ask(admin);
    } finally {
      admin.close();
    }
  } finally {
    security?.close();
  }
}
