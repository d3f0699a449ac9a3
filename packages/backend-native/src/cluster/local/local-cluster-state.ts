/** `@anant/backend-native/local-cluster`: whether a cluster of this project runs here; loads none of the cluster's code. */
import { isSameProcess } from './process-identity.js';
import { findLocalCluster, type LocalCluster } from './state-file.js';

export { certificatesOf } from './cluster-certificates.js';
export type { LocalCluster } from './state-file.js';

/** As `findLocalCluster`, when at least one of its heads lives: what was written down may be older than a reboot. */
export function findRunningCluster(
  directory: string,
): (LocalCluster & { readonly directory: string }) | undefined {
  const found = findLocalCluster(directory);
  return found && [found.head, ...found.standbys].some(isSameProcess) ? found : undefined;
}
