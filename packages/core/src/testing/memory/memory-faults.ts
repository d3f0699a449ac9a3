/** Switches that break the in-memory backend on purpose. Nothing here waits: time is the clock's. */
import type { TaskEnvelope, TaskEvent, TaskId } from '../../contract/index.js';
import type { EventFate } from './event-outlet.js';

export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** What a switch does to the backend it belongs to. */
export interface FaultTarget {
  crash(id: TaskId): boolean;
  goDown(reason: string): void;
  comeUp(): void;
  loseObject(id: string): void;
  resume(): void;
}

export class MemoryFaults {
  readonly #target: FaultTarget;
  #isPaused = false;
  /** What happens to each event on its way out. */
  onEvent: (event: TaskEvent) => EventFate = () => 'deliver';
  /** A reason to refuse an envelope. */
  onSubmit: (envelope: TaskEnvelope) => Refusal | undefined = () => undefined;
  /** Makes `doStart` take this long. */
  startDelayMs = 0;
  /** Makes `doStart` throw. */
  startError: Error | undefined;

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** No attempt starts until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#target.resume();
  }

  /** The worker of the task's attempt dies. @returns whether one ran */
  crashWorkerOf(id: TaskId): boolean {
    return this.#target.crash(id);
  }

  /** The backend goes down; its open attempts are lost. */
  goDown(reason = 'a fault was injected'): void {
    this.#target.goDown(reason);
  }

  /** It comes back, under a new epoch. */
  comeUp(): void {
    this.#target.comeUp();
  }

  loseObject(id: string): void {
    this.#target.loseObject(id);
  }
}
