/** Starts actors and calls them. */
import { checkPortable } from '../../codec/index.js';
import { type ActorHost, type BackendV1, type Clock, isActorHost } from '../../contract/index.js';
import { AnantError, describeError, reviveError } from '../../error/index.js';
import type { BackendLane } from '../backend/backend-lane.js';
import { throwIfAborted, untilAborted, withDeadline } from '../deadline.js';
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
    throwIfAborted(signal, `Actor "${definition.name}"`);
    checkPortable(input, 'input');
    const asked = { ...placed, ...(backend && { backend }), require: ACTORS };
    const plan = plans.planOf(asDefinition(definition, definition.name), asked);
    const host = hostOf(await plan.lane.use());
    const id = name ?? nextId();
    const { clock, limits } = dispatcher;
    const specification = { id, definition: plan.reference, input, options: plan.options.envelope };
    const started = withDeadline(clock, limits.startTimeoutMs, host.doActorStart(specification), () =>
      late(id, limits.startTimeoutMs),
    );
    await untilAborted(signal, started, `Actor "${definition.name}"`).catch((error: unknown) => {
      // It may have started all the same, or may still.
      if (AnantError.is(error, 'E_CANCELLED')) void started.then(() => host.doActorStop(id)).catch(() => {});
      throw AnantError.is(error) ? error : reviveError(describeError(error));
    });
    return new RunningActor(id, definition, plan.lane, clock, this);
  }

  call(definition: AnyDefinition, backend: string, input: unknown, options?: SubmitOptions): TaskHandle {
    const { dispatcher, plans } = this.#options;
    const retry = { attempts: 1, ...options?.retry };
    const plan = plans.planOf(definition, { ...options, retry, backend, require: ACTORS });
    const task = dispatcher.accept(plan, input, { id: options?.id, signal: options?.signal });
    return handleOf(task, dispatcher) as TaskHandle;
  }
}

const ACTORS = ['actors'] as const;

class RunningActor implements ActorHandle {
  readonly id: string;
  readonly definition: ActorDefinition;
  readonly #lane: BackendLane;
  readonly #clock: Clock;
  readonly #desk: ActorDesk;
  /** Methods called so far; no more than the class has, or the caller makes up. */
  readonly #methods = new Map<string, AnyDefinition>();
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

  call(method: string, ...rest: readonly unknown[]): TaskHandle<never> {
    const [input, options] = rest as [unknown, SubmitOptions | undefined];
    let definition = this.#methods.get(method);
    if (definition === undefined) {
      const name = `${this.definition.name}.${method}`;
      definition = { ...asDefinition(this.definition, name), actor: { actor: this.id, method } };
      this.#methods.set(method, definition);
    }
    return this.#desk.call(definition, this.backend, input, options) as TaskHandle<never>;
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
