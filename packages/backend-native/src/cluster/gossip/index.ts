/** `@anant/backend-native/gossip`: membership of a cluster over UDP. */
export type { GossipTuning, MemberStatus } from '../../protocol/gossip/index.js';
export { DEFAULT_TUNING } from '../../protocol/gossip/index.js';
export type { ViewMember, ViewSnapshot } from '../../protocol/view/index.js';
export type { CertificateAdmission } from './certificate-admission.js';
export { certificateAdmission, certificateRenewals } from './certificate-admission.js';
export type { GossipCounts, GossipListener, GossipNodeEvent, MemberInfo } from './events.js';
export { GossipNode } from './gossip-node.js';
export type { GossipNodeOptions } from './gossip-node-options.js';
export { KEY_BYTES, Keyring } from './keyring.js';
export type { NodeMetadata } from './node-metadata.js';
export { EMPTY_METADATA } from './node-metadata.js';
export type { Admission, GossipIdentity } from './signatures.js';
export type { BindAddress } from './udp-socket.js';
