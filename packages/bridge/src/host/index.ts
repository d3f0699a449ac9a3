/** `@anant/bridge/host`: drives Node host children. Imports no engine and no ZeroMQ. */

export { frameParts } from '../pipe/frame-parts.js';
export { PartReader } from '../pipe/part-reader.js';
export { type LocatedPython, locatePython } from '../setup/locate-python.js';
export { pythonImportPath } from '../setup/python-source.js';
export { FILE_BYTES_MIN, FileBuffers } from '../wire/file-buffers.js';
export { type Message, packMessage, unpackMessage } from '../wire/message.js';
export { type ActorClass, actorMethod } from './actor-method.js';
export { openIterator } from './call-runner.js';
export type { HostCall, HostCallEvent, HostCallListener, HostEnd } from './host-call.js';
export { HostChild, type HostChildOptions, hostMainPath } from './host-child.js';
export type { HostExit } from './host-exit.js';
export { HostPool, type HostPoolOptions } from './host-pool.js';
export { OpenCall, type OpenCallOptions } from './open-call.js';
export { TaskLoader } from './task-loader.js';
