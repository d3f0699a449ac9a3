/** The bounds of the broker; docs/broker.md says what happens at each. */

/** One message: a request, an answer, an event, a piece of work. Larger data is offered as an object. */
export const MESSAGE_BYTES_MAX = 512 * 1024;
/** One chunk of a stream or object. */
export const CHUNK_BYTES_MAX = 256 * 1024;
/** One item of a stream, of any number of chunks. */
export const ITEM_BYTES_MAX = 64 * 1024 * 1024;
/** One object; a larger one is offered in parts. */
export const OBJECT_BYTES_MAX = 2 * 1024 * 1024 * 1024;
/** Chunks a sender may be ahead of the reader of a stream. */
export const WINDOW_CHUNKS = 16;
/** Requests of one broker without an answer; one more is refused with `E_QUEUE_FULL`. */
export const REQUESTS_MAX = 10_000;
/** Calls of handlers at one time, per broker; a request beyond it is answered with `E_QUEUE_FULL`. */
export const HANDLERS_MAX = 1_000;
/** Streams of one broker, both ends counted; one more is refused with `E_QUEUE_FULL`. */
export const STREAMS_MAX = 1_000;
/** Events or work that wait for one subscriber; one more drops the oldest, and `dropped` counts it. */
export const SUBSCRIPTION_MESSAGES_MAX = 1_000;
/** Subjects one broker serves or subscribes to. */
export const SUBJECTS_MAX = 10_000;
export const SUBJECT_CHARACTERS_MAX = 200;
/** Brokers on one hub; one more is refused. */
export const SESSIONS_MAX = 10_000;
/** Messages that wait for one broker at a hub; one that lets more pile up is disconnected. */
export const SESSION_QUEUE_MAX = 10_000;
/** How often both ends of a stream show that they live, and how long silence is believed. */
export const PING_MS = 2_000;
export const SILENCE_MS_MAX = 10_000;
/** Longest wait for a request or the first sign of a stream, unless the caller says otherwise. */
export const TIMEOUT_MS = 30_000;
/** Longest wait for a hub. */
export const CONNECT_MS_MAX = 10_000;
/** Times a transfer of an object is resumed after a failure. */
export const RESUMES_MAX = 20;
