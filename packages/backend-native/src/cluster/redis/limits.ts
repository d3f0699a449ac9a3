/** The bounds of the Redis tier; docs/redis.md says what happens at each. */

/** Calls without an answer at one time; more are refused with `E_QUEUE_FULL`. */
export const REDIS_CALLS_MAX = 10_000;
/** Longest wait for one answer before the call is sent again, on a new connection. */
export const ATTEMPT_MS_MAX = 1_000;
export const CONNECT_MS_MAX = 2_000;
/** Pauses between attempts of one call: full jitter below these. */
export const RETRY_MS = 20;
export const RETRY_MS_MAX = 500;
/** How long the outcome of an operation is kept under its id; a repeat within it has no second effect. */
export const OPERATION_WINDOW_MS = 10 * 60_000;
/** One value of shared state or one event. */
export const VALUE_BYTES_MAX = 1024 * 1024;
/** Events a stream keeps, about; older ones are dropped. */
export const STREAM_EVENTS_MAX = 100_000;
/** Events read in one call. */
export const READ_EVENTS_MAX = 256;
