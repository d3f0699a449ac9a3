/** What a driver needs to know, defaults filled in. */
import type { ClusterToken, TlsFiles } from '../control/security.js';

export interface ResolvedClusterOptions {
  /** Name of the backend. */
  readonly id: string;
  /** Of the head. */
  readonly address: string;
  readonly token: ClusterToken;
  readonly tls: TlsFiles | undefined;
  readonly connectTimeoutMs: number;
  readonly windowTasks: number;
  readonly payloadBytesMax: number;
  readonly objectBytesMax: number;
  /** So many more tasks, in the order of their submission, are held by the head; for measuring. */
  readonly onAcknowledged?: (count: number) => void;
}
