/** Every clause, in the order they run. */
import type { Clause } from '../clause.js';
import { actorClauses } from './actors.js';
import { cancelClauses } from './cancel.js';
import { errorClauses } from './errors.js';
import { faultClauses } from './faults.js';
import { kernelClauses } from './kernel.js';
import { leakClauses } from './leaks.js';
import { lifecycleClauses } from './lifecycle.js';
import { manifestClauses } from './manifest.js';
import { objectClauses } from './objects.js';
import { orderClauses } from './order.js';
import { outcomeClauses } from './outcome.js';
import { progressClauses } from './progress.js';
import { streamClauses } from './streams.js';
import { submitClauses } from './submit.js';
import { valueClauses } from './values.js';

export const CLAUSES: readonly Clause[] = [
  ...manifestClauses,
  ...lifecycleClauses,
  ...submitClauses,
  ...outcomeClauses,
  ...errorClauses,
  ...valueClauses,
  ...kernelClauses,
  ...cancelClauses,
  ...orderClauses,
  ...objectClauses,
  ...streamClauses,
  ...progressClauses,
  ...actorClauses,
  ...faultClauses,
  ...leakClauses,
];
