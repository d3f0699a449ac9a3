/** The three engines as a client meets them: started on this machine, small, with limits that a test can reach. */
import { celery } from '@anant/backend-celery';
import { dask } from '@anant/backend-dask';
import { ray } from '@anant/backend-ray';
import { type BackendV1, type Client, type ConnectOptions, connect } from '@anant/core';
import { describe } from 'vitest';
import { localEngine } from '../conformance/support/engine.js';
import { noPython, sayNotInjected } from '../support/not-injected.js';
import { PYTHON_FOLDER } from './task-trouble.js';

const FACTORIES = { dask, ray, celery } as const;
export type EngineName = keyof typeof FACTORIES;

const { ANANT_PYTHON } = process.env;

/** Options are the engine's own; with an `address` none is started. */
export function makeEngine(name: EngineName, options: object = localEngine): BackendV1 {
  return FACTORIES[name]({ pythonPath: [PYTHON_FOLDER], ...options });
}

/** A client of this engine and no other backend. */
export function connectEngine(
  name: EngineName,
  options: object = localEngine,
  rest: Partial<ConnectOptions> = {},
): Client {
  return connect({ backends: { [name]: makeEngine(name, options) }, defaults: { backend: name }, ...rest });
}

/** Registers the body for each engine, skipped with the reason when there is no Python for them. */
export function describeEngines(title: string, body: (name: EngineName) => void): void {
  sayNotInjected(`${title}, on the engines`, noPython());
  const reason = ANANT_PYTHON ? '' : ' (skipped: ANANT_PYTHON names no interpreter)';
  describe.skipIf(!ANANT_PYTHON).each(Object.keys(FACTORIES) as EngineName[])(`%s: ${title}${reason}`, body);
}
