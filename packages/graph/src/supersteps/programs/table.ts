/** The programs, by the name of the kernel whose results they give. */
import type { Program } from '../program.js';
import { cliqueEigenvectorProgram } from './clique-eigenvector.js';
import { componentsProgram } from './components.js';
import { coresProgram } from './cores.js';
import { degreesProgram } from './degrees.js';
import { distancesProgram } from './distances.js';
import { hEigenvectorProgram } from './h-eigenvector.js';
import { katzProgram } from './katz.js';
import { pagerankProgram } from './pagerank.js';
import { parallelLabelsProgram } from './parallel-labels.js';
import { restartPagerankProgram } from './restart-pagerank.js';
import { strongComponentsProgram } from './strong-components.js';
import { zEigenvectorProgram } from './z-eigenvector.js';

export const programs = {
  pagerank: pagerankProgram,
  'restart-pagerank': restartPagerankProgram,
  components: componentsProgram,
  bfs: distancesProgram,
  degrees: degreesProgram,
  'k-core': coresProgram,
  'parallel-label-propagation': parallelLabelsProgram,
  'strong-components': strongComponentsProgram,
  katz: katzProgram,
  'clique-eigenvector': cliqueEigenvectorProgram,
  'h-eigenvector': hEigenvectorProgram,
  'z-eigenvector': zEigenvectorProgram,
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;
