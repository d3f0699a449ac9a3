/** What a driver needs to know, defaults filled in. */

import type { CodeMode } from '../code/code-desk.js';
import type { ClusterToken } from '../control/security.js';
import type { NodeSecurity } from '../security/node-security.js';

export interface ResolvedClusterOptions {
  /** Name of the backend. */
  readonly id: string;
  /** Of the head. */
  readonly address: string;
  readonly token: ClusterToken;
  /** Certificates of this process, where the cluster has them; the driver closes it. */
  readonly security: NodeSecurity | undefined;
  /** Interface of the data endpoint. */
  readonly dataHost: string | undefined;
  /** How workers get the code of tasks. */
  readonly code: CodeMode;
  readonly connectTimeoutMs: number;
  readonly windowTasks: number;
  readonly payloadBytesMax: number;
  readonly objectBytesMax: number;
  /** So many more tasks, in the order of their submission, are held by the head that leads under this epoch; for measuring. */
  readonly onAcknowledged?: (count: number, epoch: number) => void;
}
