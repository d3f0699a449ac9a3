/** One attempt of one task, as a map key. Ids never contain `#`. */
import type { TaskId } from '../contract/index.js';

export type AttemptKey = string;

export const attemptKey = (attempt: { readonly id: TaskId; readonly attempt: number }): AttemptKey =>
  `${attempt.id}#${attempt.attempt}`;
