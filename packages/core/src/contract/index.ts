export type { ActorHost, ActorSpecification } from './actor-host.js';
export { isActorHost } from './actor-host.js';
export type {
  BackendHealth,
  BackendV1,
  CancelAnswer,
  CancelRequest,
  StartContext,
  StartInfo,
  StopOptions,
} from './backend.js';
export { BACKEND_SPEC } from './backend.js';
export type {
  CapabilityManifest,
  CapabilityRatings,
  Feature,
  FeatureSupport,
  SupportLevel,
} from './capability.js';
export { absent, defineManifest, emulated, FEATURES, native } from './capability.js';
export type { Clock, Random } from './clock.js';
export { systemClock } from './clock.js';
export type {
  BackendStateEvent,
  TaskDeviceEvent,
  TaskEndEvent,
  TaskEvent,
  TaskHeartbeatEvent,
  TaskItemEvent,
  TaskProgressEvent,
  TaskStartEvent,
} from './event.js';
export type {
  GpuAdapter,
  GpuArray,
  GpuContext,
  GpuDevice,
  GpuKernel,
  GpuKernelOptions,
  GpuKernelSource,
  GpuKernelThis,
  GpuMatrix,
  GpuReport,
} from './gpu.js';
export type {
  KernelArrayType,
  KernelLength,
  KernelParameter,
  KernelScalarType,
  KernelSignature,
} from './kernel.js';
export type { Logger } from './logger.js';
export { silentLogger } from './logger.js';
export { ObjectRef } from './object-ref.js';
export type { ObjectStore, StoredObjectInfo } from './object-store.js';
export { isObjectStore } from './object-store.js';
export type { AttemptOutcome, Outcome, OutcomeStatus, StartedExecution, TimeoutKind } from './outcome.js';
export type { RemoteErrorData } from './remote-error.js';
export type { StreamSource } from './stream-source.js';
export { isStreamSource, STREAM_CREDITS_INITIAL } from './stream-source.js';
export type {
  ActorId,
  ActorTarget,
  CancelStrategy,
  DefinitionKind,
  DefinitionReference,
  Delivery,
  EnvelopeOptions,
  ExecutionMode,
  GroupRule,
  KernelReference,
  ObjectId,
  Placement,
  PlacementGroup,
  PythonReference,
  Resources,
  TaskContext,
  TaskEnvelope,
  TaskFunction,
  TaskId,
  TypeScriptReference,
} from './task.js';
export { GANG_TASKS_MAX, GROUP_RULES } from './task.js';
export type { Warning } from './warning.js';
