/**
 * One profile of bounds against slow, idle and oversized connections, for every gRPC and ZeroMQ listener of a node.
 * What happens at each bound is said beside it and in docs/security.md.
 */

/** TLS and CURVE handshakes: a peer that has not finished by then is disconnected. */
export const HANDSHAKE_MS_MAX = 2_000;
/** One control message; a larger one ends its call with RESOURCE_EXHAUSTED before it is decoded. */
export const CONTROL_MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
/** Calls open on one gRPC connection; more wait at the client. */
export const STREAMS_PER_CONNECTION_MAX = 64;
/** Memory of one HTTP/2 session in MiB; beyond it new streams and headers are refused. */
export const SESSION_MEMORY_MB_MAX = 64;
/** A gRPC connection without a call is closed after this long. */
export const IDLE_CONNECTION_MS_MAX = 5 * 60_000;
/** A gRPC connection is renewed after this long, so that certificates are checked again. */
export const CONNECTION_AGE_MS_MAX = 60 * 60_000;
/** How long calls may go on after `CONNECTION_AGE_MS_MAX`; sessions resume on a new connection meanwhile. */
export const CONNECTION_GRACE_MS = 60_000;
/** Silence after which a gRPC peer is asked for a sign of life, and how long it may take to answer. */
export const KEEPALIVE_MS = 10_000;
export const KEEPALIVE_TIMEOUT_MS = 5_000;
/** One ZeroMQ frame; a peer that sends a larger one is disconnected. Bulk data goes in smaller chunks. */
export const DATA_FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** Messages (not bytes) that ZeroMQ keeps per connection and direction; then the sender waits. */
export const DATA_QUEUE_MESSAGES_MAX = 64;
/**
 * Connections that may wait to be accepted. The system takes fewer where `net.core.somaxconn` says so; when there are
 * more, clients believe they are connected while nobody here knows of them.
 */
export const BACKLOG_CONNECTIONS_MAX = 4_096;
/** Silence after which a ZeroMQ peer is pinged, and after which it is disconnected. */
export const DATA_HEARTBEAT_MS = 5_000;
export const DATA_HEARTBEAT_TIMEOUT_MS = 15_000;

/** For `new grpc.Server(…)`. */
export const GRPC_SERVER_OPTIONS = {
  'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION_MAX,
  'grpc-node.max_session_memory': SESSION_MEMORY_MB_MAX,
  'grpc.max_receive_message_length': CONTROL_MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': CONTROL_MESSAGE_BYTES_MAX,
  'grpc.max_connection_idle_ms': IDLE_CONNECTION_MS_MAX,
  'grpc.max_connection_age_ms': CONNECTION_AGE_MS_MAX,
  'grpc.max_connection_age_grace_ms': CONNECTION_GRACE_MS,
  'grpc.keepalive_time_ms': KEEPALIVE_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
} as const;

/**
 * For gRPC clients and channels. The name in the TLS greeting is fixed: an IP address may not stand there (RFC 6066),
 * and `channelCredentials` checks the server's identity by itself.
 */
export const GRPC_CHANNEL_OPTIONS = {
  'grpc.ssl_target_name_override': 'anant',
  'grpc.max_receive_message_length': CONTROL_MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': CONTROL_MESSAGE_BYTES_MAX,
  'grpc.keepalive_time_ms': KEEPALIVE_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  'grpc.enable_http_proxy': 0,
} as const;

/** For every ZeroMQ socket. `linger: 0` because what was not sent at close is sent again by whoever needs it. */
export const ZMQ_SOCKET_OPTIONS = {
  linger: 0,
  maxMessageSize: DATA_FRAME_BYTES_MAX,
  handshakeInterval: HANDSHAKE_MS_MAX,
  heartbeatInterval: DATA_HEARTBEAT_MS,
  heartbeatTimeout: DATA_HEARTBEAT_TIMEOUT_MS,
  sendHighWaterMark: DATA_QUEUE_MESSAGES_MAX,
  receiveHighWaterMark: DATA_QUEUE_MESSAGES_MAX,
  backlog: BACKLOG_CONNECTIONS_MAX,
} as const;

/** Options for a PULL or SUB socket, which has no queue for sending. */
export function forReading<Options extends { readonly sendHighWaterMark: number }>(
  options: Options,
): Omit<Options, 'sendHighWaterMark'> {
  const { sendHighWaterMark: _, ...others } = options;
  return others;
}

/** Options for a PUSH or PUB socket, which has no queue for receiving. */
export function forWriting<Options extends { readonly receiveHighWaterMark: number }>(
  options: Options,
): Omit<Options, 'receiveHighWaterMark'> {
  const { receiveHighWaterMark: _, ...others } = options;
  return others;
}
