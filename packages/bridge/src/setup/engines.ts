/** The engines the bridge knows, and what Python must have for each. */

export type EngineName = 'dask' | 'ray' | 'celery';

/** Distributions every engine needs. */
export const BRIDGE_PACKAGES = ['pyzmq', 'msgpack', 'numpy', 'wasmtime'] as const;

/** Distributions each engine needs besides. `local` is built in. */
export const ENGINE_PACKAGES: Readonly<Record<EngineName | 'local', readonly string[]>> = {
  dask: ['dask', 'distributed'],
  ray: ['ray'],
  celery: ['celery', 'redis', 'packaging'],
  local: [],
};

export const isEngineName = (name: string): name is EngineName =>
  name === 'dask' || name === 'ray' || name === 'celery';

/** Python versions that are supported, oldest first. */
export const PYTHON_VERSIONS = ['3.11', '3.12', '3.13'] as const;

/** The command that makes an engine usable. */
export const setupCommand = (engine: string): string => `npx anant setup ${engine}`;
