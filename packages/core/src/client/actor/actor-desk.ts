/** Starts actors and calls them. */
import { checkPortable } from '../../codec/index.js';
import { type ActorHost, type BackendV1, type Clock, isActorHost } from '../../contract/index.js';
import { AnantError, describeError, reviveError } from '../../error/index.js';
import type { BackendLane } from '../backend/backend-lane.js';
import { withDeadline } from '../deadline.js';
import type { AnyDefinition } from '../submit/definition.js';
import type { PlanCache } from '../submit/plan-cache.js';
import type { Dispatcher } from '../task/dispatcher.js';
import { handleOf } from '../task/handles.js';
import type {
  ActorDefinition,
  ActorHandle,
  ActorOptions,
  SubmitOptions,
  TaskHandle,
} from '../types/index.js';

/** Longest stop of an actor. */
export const ACTOR_STOP_TIMEOUT_MS = 30_000;

export interface ActorDeskOptions {
  readonly dispatcher: Dispatcher;
  readonly plans: PlanCache;
  readonly nextId: () => string;
}

export class ActorDesk {
  readonly #options: ActorDeskOptions;

  constructor(options: ActorDeskOptions) {
    this.#options = options;
  }

  /** @throws AnantError */
  async start(definition: ActorDefinition, input: unknown, options: ActorOptions = {}): Promise<ActorHandle> {
    const { dispatcher, plans, nextId } = this.#options;
    const { name, backend, signal, ...placed } = options;
    signal?.throwIfAborted();
    checkPortable(input, 'input');
    const any = asDefinition(definition, definition.name);
    const plan = plans.planOf(any, { ...placed, ...(backend && { backend }), require: ['actors'] });
    const host = hostOf(await plan.lane.use());
    const id = name ?? nextId();
    const { clock, limits } = dispatcher;
    const started = host.doActorStart({
      id,
      definition: plan.reference,
      input,
      options: plan.options.envelope,
    });
    await withDeadline(clock, limits.startTimeoutMs, started, () => late(id, limits.startTimeoutMs)).catch(
      (error: unknown) => {
        throw AnantError.is(error) ? error : reviveError(describeError(error));
      },
    );
    return new RunningActor(id, definition, plan.lane, clock, this);
  }

  call(actor: RunningActor, method: string, input: unknown, options: SubmitOptions | undefined): TaskHandle {
    const { dispatcher, plans } = this.#options;
    const { definition } = actor;
    const any = asDefinition(definition, `${definition.name}.${method}`);
    const retry = { attempts: 1, ...options?.retry };
    const plan = plans.planOf(
      any,
      { ...options, retry, backend: actor.backend, require: ['actors'] },
      { actor: actor.id, method },
    );
    const task = dispatcher.accept(plan, input, { id: options?.id, signal: options?.signal });
    return handleOf(task, dispatcher) as TaskHandle;
  }
}

class RunningActor implements ActorHandle {
  readonly id: string;
  readonly definition: ActorDefinition;
  readonly #lane: BackendLane;
  readonly #clock: Clock;
  readonly #desk: ActorDesk;
  #stopped: Promise<void> | undefined;

  constructor(id: string, definition: ActorDefinition, lane: BackendLane, clock: Clock, desk: ActorDesk) {
    this.id = id;
    this.definition = definition;
    this.#lane = lane;
    this.#clock = clock;
    this.#desk = desk;
  }

  get backend(): string {
    return this.#lane.id;
  }

  call(method: never, ...rest: readonly unknown[]): TaskHandle<never> {
    const [input, options] = rest as [unknown, SubmitOptions | undefined];
    return this.#desk.call(this, method, input, options) as TaskHandle<never>;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { backend } = this.#lane;
    if (backend === undefined || !isActorHost(backend)) return;
    await withDeadline(this.#clock, ACTOR_STOP_TIMEOUT_MS, backend.doActorStop(this.id), () =>
      late(this.id, ACTOR_STOP_TIMEOUT_MS),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function asDefinition(definition: ActorDefinition, name: string): AnyDefinition {
  const { workload } = definition;
  return { name, output: 'value', workload, reference: () => definition.reference() };
}

function hostOf(backend: BackendV1): ActorHost {
  if (isActorHost(backend)) return backend;
  const { reason } = backend.manifest.features.actors;
  throw new AnantError(
    'E_CAPABILITY_MISSING',
    `Backend "${backend.id}" hosts no actors${reason ? `: ${reason}` : ''}.`,
    {
      details: { feature: 'actors', backend: backend.id },
    },
  );
}

function late(id: string, timeoutMs: number): AnantError {
  return new AnantError('E_TIMEOUT', `Actor "${id}" did not answer within ${timeoutMs} ms.`, {
    retryable: true,
  });
}
