/** Which cluster a command is about: the one named, or that of this folder. */
import { type AdminOptions, ClusterAdmin, findLocalCluster } from '@anant/backend-native/cluster';
import { AnantError } from '@anant/core';
import type { CommonOptions } from '../../command.js';

export interface HeadOptions extends CommonOptions {
  /** `host:port` of the head. */
  readonly head?: string;
}

/** @throws AnantError when no head is named and no local cluster runs */
export function clusterOf({ head }: HeadOptions): AdminOptions {
  const local = findLocalCluster(process.cwd());
  const token = process.env.ANANT_CLUSTER_TOKEN;
  if (head !== undefined) {
    const own = local?.address === head ? local.token : undefined;
    return { address: head, token: token ?? own };
  }
  if (local !== undefined) return { address: local.address, token: token ?? local.token };
  throw new AnantError('E_BACKEND_UNAVAILABLE', 'No cluster runs for this folder.', {
    advice: 'Start one with `npx anant up`, or name its head with --head.',
  });
}

/** Asks and closes the connection, whatever the answer. */
export async function withAdmin<Answer>(
  options: HeadOptions,
  ask: (admin: ClusterAdmin) => Promise<Answer>,
): Promise<Answer> {
  const admin = new ClusterAdmin(clusterOf(options));
  try {
    return await ask(admin);
  } finally {
    admin.close();
  }
}
