/** `@anant/backend-native/cluster`: heads, workers, drivers, and the cluster of this project on this machine. */

export type { ScalerDecision, ScalerOptions } from '../protocol/scaler/index.js';
export { type AdminOptions, ClusterAdmin } from './control/cluster-admin.js';
export type { ClusterToken } from './control/security.js';
export { ClusterDriver } from './driver/cluster-driver.js';
export { type StartDriverOptions, startDriver } from './driver/start-driver.js';
export { HEAD_PORT, Head, type HeadOptions } from './head/head.js';
export type { JournalLevel } from './journal/journal.js';
export { type CertificateChoice, certificatesOf } from './local/cluster-certificates.js';
export { deathOfHeads } from './local/head-death.js';
export { type DownResult, downLocalCluster, type UpOptions, upLocalCluster } from './local/local-cluster.js';
export { LocalWorkers } from './local/local-workers.js';
export { openCertificates } from './local/open-certificates.js';
export { clusterFolder, findLocalCluster, type LocalCluster, rememberHeads } from './local/state-file.js';
export type { ClusterView, HeadState, Member, StatusResponse } from './proto/anant/v1/cluster.js';
export {
  type JoinedHead,
  type JoinHeadOptions,
  joinHeadNode,
} from './replication/join-head-node.js';
export {
  AutoScaler,
  type AutoScalerOptions,
  type ScaledCluster,
  type ScalerReport,
  type WorkerProvider,
} from './scaler/auto-scaler.js';
export { DRAINED } from './worker/work.js';
export { WorkerNode, type WorkerOptions } from './worker/worker-node.js';
