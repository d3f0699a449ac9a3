/** The bounds of the cluster, each with what happens at it. docs/native-cluster.md lists those an operator meets. */

/** Version of the protocol between head, workers and drivers; another one is refused with E_VERSION_SKEW. */
export const PROTOCOL = 2;

const MEBIBYTE = 1024 * 1024;

/** One gRPC message in either direction; a larger one ends its stream with RESOURCE_EXHAUSTED. */
export const MESSAGE_BYTES_MAX = 32 * MEBIBYTE;
/** Streams of one connection; more wait on the client's side. */
export const STREAMS_MAX = 16;
/** Connections to a head; one more ends the oldest that has not shown who it is, or is closed at once. */
export const CONNECTIONS_MAX = 4096;
/** Connections to a head that have shown neither token nor certificate; one more ends the oldest of them. */
export const STRANGERS_MAX = 512;
/** A connection to a head must have shown one of them, with a call, by then. */
export const STRANGER_MS_MAX = 5_000;
/** Memory of one HTTP/2 session, in megabytes; beyond it the session refuses streams. */
export const SESSION_MEMORY_MB_MAX = 128;
/** A stream that has not introduced itself by then is ended. */
export const INTRODUCTION_MS_MAX = 10_000;
/** Bytes written to a stream that its reader has not taken: beyond it the stream is ended, and resumed by its owner. */
export const STREAM_BACKLOG_BYTES_MAX = 256 * MEBIBYTE;
/** Longest unary call. */
export const CALL_MS_MAX = 10_000;
/** Pause between keep-alive pings of a connection, and longest wait for the answer. */
export const KEEPALIVE_EVERY_MS = 10_000;
export const KEEPALIVE_MS_MAX = 10_000;

/** Encoded inputs up to this size travel inside the submission and are as durable as it; larger ones are fetched. */
export const INPUT_INLINE_BYTES_MAX = 64 * 1024;
/** Tasks of one submission; more go into further messages. */
export const SUBMIT_TASKS_MAX = 1024;
/** Bytes of payloads of one submission. */
export const SUBMIT_BYTES_MAX = 4 * MEBIBYTE;
/** Kinds of task (definition and options) a session may have; one more is refused with E_QUEUE_FULL. */
export const TEMPLATES_MAX = 4096;
/** Attempts open in one session. */
export const WINDOW_TASKS = 65_536;

/** Pauses between attempts to reach the head again: full jitter, doubling. */
export const RECONNECT_MS_MIN = 50;
export const RECONNECT_MS_MAX = 2_000;
/** The same where there are several heads: another one may lead by then. */
export const HEADS_PAUSE_MS_MAX = 250;
/** A head that has not answered by then is taken to hang, where there is another one to ask. */
export const HEADS_ANSWER_MS_MAX = 3_000;
/** A driver that cannot reach its head for so long ends what is open and refuses work until it can. */
export const HEAD_LOST_MS_MAX = 15_000;
/** A worker that cannot reach its head for so long ends itself. */
export const HEADLESS_MS_MAX = 300_000;
/** A worker that its head refuses for so long, as one whose name is taken, ends itself. */
export const REFUSED_MS_MAX = 30_000;
/** After the end of an attempt is known, its result must have arrived by then; it may need a large transfer. */
export const RESULT_MS_MAX = 30_000;
/** The worker stops itself so long before its lease runs out. */
export const LEASE_MARGIN_MS = 1_000;

/** Messages waiting for one peer of the data plane, in bytes: beyond it the peer counts as gone and they are dropped. */
export const PEER_BACKLOG_BYTES_MAX = 2048 * MEBIBYTE;
/** Peers of a data endpoint; the one unused longest is let go. */
export const PEERS_MAX = 4096;
/** One frame of the data plane; a larger one closes the connection. */
export const FRAME_BYTES_MAX = 1024 * MEBIBYTE;
/** Frames of one message; a message with more is dropped. */
export const FRAMES_MAX = 65_536;
/** Messages ZeroMQ holds per peer and direction before senders wait. */
export const MESSAGES_MAX = 1_000;
/** Longest wait for the next part of a stored object from another node; then it is asked for again. */
export const FETCH_MS_MAX = 5_000;
/** Times in a row that an object is asked for without getting anything of it; then it counts as lost. */
export const ASKS_MAX = 6;
/** One object; a larger one cannot be fetched. */
export const OBJECT_BYTES_MAX = 8 * 1024 * MEBIBYTE;
/** Objects a process sends in chunks at once; one more ends the oldest, whose reader asks again. */
export const SERVINGS_MAX = 64;
/** A reader that takes no chunk for so long is given up. */
export const SERVING_MS_MAX = 30_000;
/** Objects of which a holder remembers who else has a copy, and how many of those; the oldest are forgotten. */
export const COPIED_OBJECTS_MAX = 1_000;
export const COPIES_MAX = 16;
/** Tasks whose inputs are being fetched by one worker at the same time; more wait. */
export const FETCHES_MAX = 64;
/** Bytes of objects of others that a worker keeps for later tasks; the least recently used go. */
export const CACHE_BYTES_MAX = 512 * MEBIBYTE;
/** A copy that no task has used for so long is let go. */
export const CACHE_IDLE_MS = 600_000;
