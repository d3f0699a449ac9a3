/**
 * The native backend on a cluster with certificates: mutual TLS on the control plane, CURVE on the data ports, encrypted
 * gossip. It runs the clauses of the backend's own members, once. What the client does above them, and the second pass,
 * meet no connection: the run on the plain cluster has them.
 */
import { CLAUSES } from '@anant/core/conformance';
import { clusterConformance } from './support/cluster.js';

clusterConformance('secure cluster', {
  security: 'certificates',
  passes: ['traced'],
  only: CLAUSES.filter(({ level }) => level === 'contract').map(({ id }) => id),
});
