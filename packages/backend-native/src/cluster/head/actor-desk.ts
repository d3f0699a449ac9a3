/**
 * Where actors live. An actor is not a task: it is started on the worker with the fewest of them, its calls go there
 * directly, and it ends with its session or its worker.
 */
import type { StartActor, StopActor } from '../proto/anant/v1/scheduler.js';
import type { WorkActorAnswer } from '../proto/anant/v1/worker.js';
import type { SessionLink, WorkerLink } from './head-link.js';

/** Longest wait for a worker to start or stop an actor. */
const ACTOR_MS_MAX = 65_000;
/** Actors of one session; one more is not started. */
const ACTORS_MAX = 4096;
/** Requests that workers have not answered; one more is refused. */
const PENDING_MAX = 10_000;

interface Pending {
  readonly session: SessionLink;
  readonly request: number;
  readonly actor: string;
  readonly worker: WorkerLink;
  readonly verb: 'start' | 'stop';
  readonly timer: NodeJS.Timeout;
}

export class ActorDesk {
  readonly #pending = new Map<number, Pending>();
  readonly #perWorker = new Map<string, number>();
  #count = 0;

  /** @param workers those that take work now */
  start(
    session: SessionLink,
    { request, actor, template, payload }: StartActor,
    workers: readonly WorkerLink[],
  ): void {
    const problem = this.#problem(session, actor, workers);
    if (problem !== undefined) {
      answer(session, request, ...problem);
      return;
    }
    const [worker] = [...workers].sort((left, right) => this.#load(left) - this.#load(right)) as [WorkerLink];
    this.#perWorker.set(worker.id, this.#load(worker) + 1);
    session.actors.set(actor, worker.id);
    const own = this.#expect(session, request, actor, worker, 'start');
    const value = { request: own, session: session.peer, actor, template, payload };
    worker.stream?.write({ message: { $case: 'startActor', value } });
  }

  stop(session: SessionLink, { request, actor }: StopActor, worker: WorkerLink | undefined): void {
    this.#forget(session, actor);
    if (worker?.stream === undefined) {
      answer(session, request, '', '');
      return;
    }
    const own = this.#expect(session, request, actor, worker, 'stop');
    worker.stream.write({
      message: { $case: 'stopActor', value: { request: own, session: session.index, actor } },
    });
  }

  answered({ request, code, message }: WorkActorAnswer): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    this.#settle(request, pending, code, message);
  }

  workerGone(worker: WorkerLink, reason: string): void {
    this.#perWorker.delete(worker.id);
    for (const [request, pending] of this.#pending) {
      if (pending.worker === worker) this.#settle(request, pending, 'E_WORKER_EXITED', reason);
    }
  }

  sessionGone(session: SessionLink): void {
    for (const actor of [...session.actors.keys()]) this.#forget(session, actor);
  }

  close(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  #problem(
    session: SessionLink,
    actor: string,
    workers: readonly WorkerLink[],
  ): readonly [code: string, message: string] | undefined {
    if (session.actors.has(actor)) return ['E_TASK_DUPLICATE', `An actor named "${actor}" lives already.`];
    if (session.actors.size >= ACTORS_MAX)
      return ['E_QUEUE_FULL', `A session may have ${ACTORS_MAX} actors.`];
    if (this.#pending.size >= PENDING_MAX) return ['E_QUEUE_FULL', 'Too many actors are being started.'];
    if (workers.length === 0) return ['E_BACKEND_UNAVAILABLE', 'The cluster has no worker that takes work.'];
    return undefined;
  }

  #load(worker: WorkerLink): number {
    return this.#perWorker.get(worker.id) ?? 0;
  }

  #forget(session: SessionLink, actor: string): void {
    const worker = session.actors.get(actor);
    if (worker === undefined) return;
    session.actors.delete(actor);
    const load = this.#perWorker.get(worker) ?? 0;
    if (load > 1) this.#perWorker.set(worker, load - 1);
    else this.#perWorker.delete(worker);
  }

  #expect(
    session: SessionLink,
    request: number,
    actor: string,
    worker: WorkerLink,
    verb: Pending['verb'],
  ): number {
    this.#count += 1;
    const own = this.#count;
    const timer = setTimeout(() => {
      const pending = this.#pending.get(own);
      if (pending) this.#settle(own, pending, 'E_TIMEOUT', `Worker "${worker.id}" did not answer in time.`);
    }, ACTOR_MS_MAX);
    this.#pending.set(own, { session, request, actor, worker, verb, timer });
    return own;
  }

  #settle(own: number, pending: Pending, code: string, message: string): void {
    const { session, request, actor, worker, verb, timer } = pending;
    clearTimeout(timer);
    this.#pending.delete(own);
    if (verb === 'start' && code !== '') this.#forget(session, actor);
    answer(session, request, code, message, verb === 'start' ? worker : undefined);
  }
}

function answer(
  session: SessionLink,
  request: number,
  code: string,
  message: string,
  worker?: WorkerLink,
): void {
  const value = {
    request,
    code,
    message,
    worker: worker?.id ?? '',
    dataAddress: worker?.dataAddress ?? '',
  };
  session.stream?.write({ message: { $case: 'actorAnswer', value } });
}
