/** The native backend on a cluster of processes that know each other by a token. */
import { clusterConformance } from './support/cluster.js';
import { writeReport } from './support/report-file.js';

clusterConformance('cluster', {
  security: 'token',
  // A cluster of its own takes seconds to start. The run with certificates tries these clauses once more.
  freshIn: ['traced'],
  report: (report) => writeReport({ ...report, backend: 'cluster' }),
});
