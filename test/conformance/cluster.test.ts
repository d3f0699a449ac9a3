/** The native backend on a cluster of processes that know each other by a token. */
import { clusterConformance } from './support/cluster.js';
import { writeReport } from './support/report-file.js';

clusterConformance('cluster', {
  security: 'token',
  report: (report) => writeReport({ ...report, backend: 'cluster' }),
});
