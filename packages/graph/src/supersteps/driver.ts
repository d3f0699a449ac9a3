/**
 * Runs supersteps, as a pure machine: events in, commands out. Every part gets one command at a time. A superstep begins when
 * all parts have ended the one before. After every `checkpointEvery` supersteps all parts save their state; since then the
 * driver keeps what it sent, so that a part that is lost starts from its checkpoint and is sent the same again, while the
 * others wait ("confined recovery", Malewicz and others, "Pregel", SIGMOD 2010, section 4.2).
 */
import { type Frames, framesBytes } from './partition-data.js';
import type { Collected, Coordinator, Decision, Merged, Outputs, StepInput, StepOutput } from './program.js';

/** Where a part saved its state. Opaque to the driver. */
export type Checkpoint = unknown;

export type Command =
  | { readonly type: 'start'; readonly checkpoint: Checkpoint | undefined }
  | { readonly type: 'step'; readonly input: StepInput }
  | { readonly type: 'save'; readonly superstep: number }
  | { readonly type: 'collect' };

/** A command for a part. Answers carry its `life`, so that those of a life that is over are known. */
export interface Order {
  readonly part: number;
  readonly life: number;
  readonly command: Command;
}

export type Answer =
  | { readonly type: 'started' }
  | { readonly type: 'stepped'; readonly output: StepOutput }
  | { readonly type: 'saved'; readonly checkpoint: Checkpoint }
  | { readonly type: 'collected'; readonly collected: Collected }
  | { readonly type: 'lost'; readonly reason: string };

export interface DriverOptions {
  readonly parts: number;
  readonly coordinator: Coordinator;
  /** Supersteps between checkpoints; 0 for none: a lost part then starts over. */
  readonly checkpointEvery: number;
  /** Losses in all after which the run fails. */
  readonly lossesMax: number;
  readonly superstepsMax: number;
  /** Puts results of parts together. */
  readonly merge: (collected: readonly Collected[]) => Merged;
}

export interface Progress {
  /** Supersteps ended. */
  readonly supersteps: number;
  /** Bytes that crossed boundaries so far, those of runs after a loss not counted. */
  readonly boundaryBytes: number;
  readonly losses: number;
  readonly checkpoints: number;
}

export type DriverState =
  | { readonly type: 'running' }
  | { readonly type: 'done'; readonly outputs: Outputs }
  | { readonly type: 'failed'; readonly reason: string };

interface Part {
  life: number;
  /** What it is still to be told, the first one now under way. */
  readonly queue: Command[];
  /** What it was told since its checkpoint. */
  log: StepInput[];
  checkpoint: Checkpoint | undefined;
  answer: Answer | undefined;
}

export class SuperstepDriver {
  readonly #options: DriverOptions;
  readonly #parts: Part[];
  #superstep = -1;
  #decision: Decision | undefined;
  #outputs: readonly StepOutput[] = [];
  #state: DriverState = { type: 'running' };
  #progress: { -readonly [Name in keyof Progress]: Progress[Name] } = {
    supersteps: 0,
    boundaryBytes: 0,
    losses: 0,
    checkpoints: 0,
  };

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#parts = Array.from({ length: options.parts }, () => ({
      life: 0,
      queue: [],
      log: [],
      checkpoint: undefined,
      answer: undefined,
    }));
  }

  get state(): DriverState {
    return this.#state;
  }

  get progress(): Progress {
    return { ...this.#progress };
  }

  begin(): Order[] {
    return this.#tellAll(() => ({ type: 'start', checkpoint: undefined }));
  }

  /** What follows from an answer; nothing when it belongs to an earlier life of the part. */
  handle(index: number, life: number, answer: Answer): Order[] {
    const part = this.#parts[index]!;
    if (this.#state.type !== 'running' || life !== part.life) return [];
    if (answer.type === 'lost') return this.#revive(index, answer.reason);
    part.queue.shift();
    // Answers of what is told again are not looked at: they are those of before.
    if (part.queue.length > 0) return [this.#next(index)];
    part.answer = answer;
    return this.#parts.every((one) => one.answer !== undefined) ? this.#advance() : [];
  }

  #next(index: number): Order {
    const { life, queue } = this.#parts[index]!;
    return { part: index, life, command: queue[0]! };
  }

  #tellAll(commandFor: (part: Part, index: number) => Command): Order[] {
    return this.#parts.map((part, index) => {
      part.answer = undefined;
      part.queue.push(commandFor(part, index));
      return this.#next(index);
    });
  }

  /** Starts a part again and tells it everything since its checkpoint. */
  #revive(index: number, reason: string): Order[] {
    const part = this.#parts[index]!;
    this.#progress.losses += 1;
    if (this.#progress.losses > this.#options.lossesMax) {
      return this.#fail(`parts were lost ${this.#progress.losses} times, the last one since ${reason}`);
    }
    const current = part.queue.at(-1);
    part.life += 1;
    part.queue.length = 0;
    part.queue.push({ type: 'start', checkpoint: part.checkpoint });
    for (const input of part.log) part.queue.push({ type: 'step', input });
    // The current step is the last of the log already.
    if (current !== undefined && current.type !== 'step' && current.type !== 'start')
      part.queue.push(current);
    return [this.#next(index)];
  }

  #advance(): Order[] {
    const answers = this.#parts.map(({ answer }) => answer!);
    const [first] = answers;
    if (first!.type === 'started') return this.#follow(this.#options.coordinator.first());
    if (first!.type === 'saved') return this.#saved(answers);
    if (first!.type === 'collected') return this.#collected(answers);
    return this.#stepped(answers);
  }

  #stepped(answers: readonly Answer[]): Order[] {
    const { checkpointEvery, coordinator } = this.#options;
    this.#outputs = answers.map((answer) => (answer as { readonly output: StepOutput }).output);
    this.#progress.supersteps += 1;
    for (const { frames } of this.#outputs) this.#progress.boundaryBytes += framesBytes(frames);
    const decision = coordinator.next(
      this.#superstep,
      this.#outputs.map(({ report }) => report),
    );
    const isDue = checkpointEvery > 0 && (this.#superstep + 1) % checkpointEvery === 0;
    if (!isDue || decision.next !== 'step') return this.#follow(decision);
    this.#decision = decision;
    return this.#tellAll(() => ({ type: 'save', superstep: this.#superstep }));
  }

  #saved(answers: readonly Answer[]): Order[] {
    this.#progress.checkpoints += 1;
    this.#parts.forEach((part, index) => {
      part.checkpoint = (answers[index] as { readonly checkpoint: Checkpoint }).checkpoint;
      part.log = [];
    });
    return this.#follow(this.#decision!);
  }

  #collected(answers: readonly Answer[]): Order[] {
    const { coordinator, merge } = this.#options;
    const merged = merge(answers.map((answer) => (answer as { readonly collected: Collected }).collected));
    const concluded = coordinator.conclude(merged);
    if ('next' in concluded) return this.#follow(concluded);
    this.#state = { type: 'done', outputs: concluded.outputs };
    return [];
  }

  #follow(decision: Decision): Order[] {
    if (decision.next === 'collect') return this.#tellAll(() => ({ type: 'collect' }));
    this.#superstep += 1;
    if (this.#superstep >= this.#options.superstepsMax) {
      return this.#fail(`it did not end within ${this.#options.superstepsMax} supersteps`);
    }
    const { globals, marks } = decision;
    return this.#tellAll((part, index) => {
      const frames = this.#framesFor(index);
      const input = { superstep: this.#superstep, frames, globals, ...(marks && { marks }) };
      part.log.push(input);
      return { type: 'step', input };
    });
  }

  #framesFor(index: number): Frames {
    return this.#outputs.map(({ frames }) => frames[index] ?? null);
  }

  #fail(reason: string): Order[] {
    this.#state = { type: 'failed', reason };
    return [];
  }
}
