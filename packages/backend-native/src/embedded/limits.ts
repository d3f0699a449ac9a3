/** The bounds of the embedded backend. Every one is an option or stated in docs/native.md with what happens at it. */

/** Attempts open at once; more are refused with `E_QUEUE_FULL`. Core never sends more. */
export const WINDOW_TASKS = 8192;
/** Encoded size of one input or result. */
export const PAYLOAD_BYTES_MAX = 512 * 1024 * 1024;
/** Encoded size of all stored objects; `doPut` beyond it throws `E_PAYLOAD_TOO_LARGE`. */
export const OBJECT_BYTES_MAX = 2 * 1024 * 1024 * 1024;
/** Bytes of objects that a worker under pressure may move to disk; beyond it they stay in memory. */
export const SPILL_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** Actors alive at once; one more is not started. */
export const ACTORS_MAX = 64;
/** Async tasks that run at the same moment; others wait. */
export const ASYNC_CONCURRENCY_MAX = 256;
/** Longest wait until an actor's constructor has returned. */
export const ACTOR_START_MS_MAX = 60_000;
/** A process or interpreter that ran nothing for so long is ended. */
export const HOST_IDLE_MS = 60_000;
/** Compiled kernels kept; the least recently used goes first. */
export const KERNELS_MAX = 256;
