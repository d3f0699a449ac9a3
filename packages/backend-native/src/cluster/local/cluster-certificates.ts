/** Which certificates a driver or an administrator shows to a cluster. */
import { resolve } from 'node:path';
import type { LocalCluster } from './state-file.js';

export interface CertificateChoice {
  /** What was asked for, if anything: a folder, from `directory`. */
  readonly certificates: string | undefined;
  readonly directory: string;
  /** The local cluster that is meant, if it is one. */
  readonly local: Pick<LocalCluster, 'certificates'> | undefined;
}

const VARIABLE = 'ANANT_CLUSTER_CERTIFICATES';

/** What was asked for, then the environment, then what the local cluster made. */
export function certificatesOf({ certificates, directory, local }: CertificateChoice): string | undefined {
  const named = certificates ?? (process.env[VARIABLE] || undefined);
  return named === undefined ? local?.certificates?.own : resolve(directory, named);
}
