export type { ActorCallOptions, ActorDefinition, ActorHandle, ActorOptions } from './actor.js';
export type { Client, CloseOptions } from './client.js';
export type { ClientEvent, EventsOptions } from './client-event.js';
export type { BackendPhase, BackendReport, ClientHealth } from './client-health.js';
export type { BackendSource, ClientLimits, ConnectOptions, RateLimit } from './connect-options.js';
export type { GraphBuilder, GraphHandle, GraphNode, GraphOptions } from './graph.js';
export type { InputOf, Pending, ResultsOf } from './input-of.js';
export type { PutOptions, StoredObject } from './stored-object.js';
export type {
  CancelOptions,
  DefaultOptions,
  MapOptions,
  RetryCause,
  RetryOptions,
  SubmitOptions,
  TimeoutOptions,
} from './submit-options.js';
export type { HandleOf, Progress, StreamHandle, TaskHandle } from './task-handle.js';
