/**
 * One started backend that many clauses use one after the other: each gets a lease that looks like a fresh backend
 * of its own, sees only its own attempts, and leaves nothing open. Starting an engine for every clause would take
 * minutes.
 */
import type { BackendV1, StartContext, StartInfo, TaskEvent } from '../contract/index.js';
import { isActorHost, isObjectStore, isStreamSource, silentLogger, systemClock } from '../contract/index.js';
import { attemptKey } from './attempt-key.js';
import { within } from './deadline.js';
import { type TracedBackend, withTracing } from './with-tracing.js';

export interface SharedBackendOptions {
  readonly startTimeoutMs: number;
  readonly deadlineMs: number;
}

export interface Lease {
  readonly backend: BackendV1;
  /** Ends what is still open, releases objects and actors. @returns false when the backend should not be used again. */
  close(): Promise<boolean>;
}

export class SharedBackend {
  readonly traced: TracedBackend;
  #starting: Promise<StartInfo> | undefined;
  #emit: StartContext['emit'] | undefined;
  #openOf = new Map<string, { id: string; attempt: number }>();

  constructor(
    readonly backend: BackendV1,
    readonly options: SharedBackendOptions,
  ) {
    this.traced = withTracing(backend);
  }

  /** Starts it once; a start that failed fails for every clause, with the same error. */
  start(): Promise<StartInfo> {
    this.#starting ??= this.traced.doStart({
      clock: systemClock,
      logger: silentLogger,
      startTimeoutMs: this.options.startTimeoutMs,
      emit: (events) => this.#receive(events),
    });
    return this.#starting;
  }

  async stop(): Promise<void> {
    await this.traced.doStop({ graceMs: 0 });
  }

  /** One lease at a time: clauses run one after the other. */
  lease(): Lease {
    const objects = new Set<string>();
    const actors = new Set<string>();
    const { traced } = this;
    const backend: BackendV1 = {
      spec: traced.spec,
      id: traced.id,
      manifest: traced.manifest,
      doStart: async (context) => {
        const info = await this.start();
        this.#emit = context.emit;
        return info;
      },
      doSubmit: (tasks) => {
        for (const { id, attempt } of tasks) this.#openOf.set(attemptKey({ id, attempt }), { id, attempt });
        traced.doSubmit(tasks);
      },
      doCancel: (requests) => traced.doCancel(requests),
      doHealth: () => traced.doHealth(),
      // Ending a lease ends its attempts, as stopping a backend would; the backend itself lives on.
      doStop: async () => {
        await this.#endOpen();
      },
      ...(isObjectStore(traced) && {
        doPut: (id: string, value: unknown) => {
          objects.add(id);
          return traced.doPut(id, value);
        },
        doGet: (id: string) => traced.doGet(id),
        doRelease: (ids: readonly string[]) => {
          for (const id of ids) objects.delete(id);
          traced.doRelease(ids);
        },
      }),
      ...(isStreamSource(traced) && {
        doStreamCredit: (id: string, attempt: number, credits: number) =>
          traced.doStreamCredit(id, attempt, credits),
      }),
      ...(isActorHost(traced) && {
        doActorStart: (specification: Parameters<typeof traced.doActorStart>[0]) => {
          actors.add(specification.id);
          return traced.doActorStart(specification);
        },
        doActorStop: (id: string) => {
          actors.delete(id);
          return traced.doActorStop(id);
        },
      }),
    };
    return {
      backend,
      close: async () => {
        const isClean = await this.#endOpen();
        this.#emit = undefined;
        if (isActorHost(traced)) for (const id of actors) await traced.doActorStop(id).catch(() => {});
        if (isObjectStore(traced) && objects.size > 0) traced.doRelease([...objects]);
        return isClean;
      },
    };
  }

  #receive(events: readonly TaskEvent[]): void {
    for (const event of events) {
      if (event.type === 'task-end') this.#openOf.delete(attemptKey(event));
    }
    this.#wake();
    this.#emit?.(events);
  }

  #wake: () => void = () => {};

  /** Cancels what is open, by kill where the backend can, and waits for the ends. */
  async #endOpen(): Promise<boolean> {
    if (this.#openOf.size === 0) return true;
    const how = this.traced.manifest.features['cancel.kill'].level === 'absent' ? 'forget' : 'kill';
    const ended = new Promise<void>((resolve) => {
      this.#wake = () => {
        if (this.#openOf.size === 0) resolve();
      };
    });
    try {
      await within(
        this.traced.doCancel([...this.#openOf.values()].map((attempt) => ({ ...attempt, how }))),
        this.options.deadlineMs,
        () => 'the cancellation of what a clause left open',
      );
      this.#wake();
      await within(ended, this.options.deadlineMs, () => 'the end of what a clause left open');
      return true;
    } catch {
      return false;
    } finally {
      this.#wake = () => {};
      this.#openOf = new Map();
    }
  }
}
