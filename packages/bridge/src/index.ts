/** `@anant/bridge`: the Node half of the Python bridge, and what makes an engine usable. */
export { type BridgeBackendOptions, createBridgeBackend } from './backend/bridge-backend.js';
export { type LaunchOptions, planLaunch } from './backend/plan-launch.js';
export { STARTS_PER_MINUTE_MAX } from './backend/restart-policy.js';
export type { AttachLaunch, Launch, SpawnLaunch } from './connection/launch.js';
export { type EngineName, isEngineName, PYTHON_VERSIONS, setupCommand } from './setup/engines.js';
export { type LocatedPython, type LocateOptions, locatePython } from './setup/locate-python.js';
export { type EngineProbe, type EngineProblem, probeEngine } from './setup/probe-engine.js';
export { pythonSource } from './setup/python-source.js';
export { type SetupOptions, type SetupTarget, setupEngine } from './setup/setup-engine.js';
export { setupGpu } from './setup/setup-gpu.js';
export type { CurveKeys } from './wire/bridge-socket.js';
