/** Side interface: back-pressure on streams. A producer may be at most its credits ahead of the reader. */
import type { BackendV1 } from './backend.js';
import type { TaskId } from './task.js';

/** Credits every stream starts with, in items. */
export const STREAM_CREDITS_INITIAL = 16;

export interface StreamSource {
  /** Lets the attempt yield `credits` more items. Unknown attempts are ignored. */
  doStreamCredit(id: TaskId, attempt: number, credits: number): void;
}

export function isStreamSource(backend: BackendV1): backend is BackendV1 & StreamSource {
  return 'doStreamCredit' in backend;
}
