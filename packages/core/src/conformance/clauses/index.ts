/** Every clause, in the order they run. */
import type { Clause } from '../clause.js';
import { actorClauses } from './actors.js';
import { cancelClauses } from './cancel.js';
import { clientCancelClauses } from './client-cancel.js';
import {
  clientActorClauses,
  clientObjectClauses,
  clientProgressClauses,
  clientStreamClauses,
} from './client-data.js';
import { clientLeakClauses, clientLifecycleClauses } from './client-lifecycle.js';
import { clientOrderClauses } from './client-order.js';
import { clientSubmitClauses } from './client-submit.js';
import { errorClauses } from './errors.js';
import { faultClauses } from './faults.js';
import { graphClauses } from './graph.js';
import { kernelClauses } from './kernel.js';
import { leakClauses } from './leaks.js';
import { lifecycleClauses } from './lifecycle.js';
import { manifestClauses } from './manifest.js';
import { objectClauses } from './objects.js';
import { orderClauses } from './order.js';
import { outcomeClauses } from './outcome.js';
import { progressClauses } from './progress.js';
import { requirementClauses } from './requirements.js';
import { retryClauses } from './retry.js';
import { streamClauses } from './streams.js';
import { submitClauses } from './submit.js';
import { timeoutClauses } from './timeout.js';
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
  ...requirementClauses,
  ...clientSubmitClauses,
  ...timeoutClauses,
  ...retryClauses,
  ...clientOrderClauses,
  ...clientCancelClauses,
  ...clientStreamClauses,
  ...clientObjectClauses,
  ...clientProgressClauses,
  ...clientActorClauses,
  ...graphClauses,
  ...clientLifecycleClauses,
  ...faultClauses,
  ...leakClauses,
  ...clientLeakClauses,
];
