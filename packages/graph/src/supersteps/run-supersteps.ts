/** Runs an algorithm on the parts of a graph: carries out what the driver says, on a backend. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AnantError, type ErrorCode, type SubmitOptions } from '@anant/core';
import type { SuperstepKernel } from './coordinators.js';
import { type Answer, type Checkpoint, type Order, type Progress, SuperstepDriver } from './driver.js';
import {
  ActorPartitions,
  type HostOptions,
  type PartitionHost,
  StoredPartitions,
  type SuperstepClient,
} from './hosts.js';
import { mergeCollected, type PartitionPlan } from './plan.js';
import type { Outputs, ProgramParameters } from './program.js';
import { partitionActor } from './worker-tasks.js';

export interface SuperstepOptions {
  /** Supersteps between two checkpoints; 0 for none. @default 16 */
  readonly checkpointEvery?: number;
  /** A folder for checkpoints that all workers can write and read. @default one in this machine's folder for temporary files */
  readonly checkpointFolder?: string;
  /** Losses of parts that a run gets over. @default 16 */
  readonly lossesMax?: number;
  /** @default 10,000,000 */
  readonly superstepsMax?: number;
  readonly onSuperstep?: (progress: SuperstepProgress) => void;
}

export interface SuperstepProgress extends Progress {
  readonly parts: number;
}

export interface SuperstepReport extends SuperstepProgress {
  /** How parts were kept: as actors, as stored objects, or as files that this process reads by turns. */
  readonly kind: PartitionHost['kind'];
  /** Where checkpoints were written: files, or the memory of this process. */
  readonly checkpointsIn: 'files' | 'client';
  readonly elapsedMs: number;
}

export interface SuperstepRun {
  readonly client: SuperstepClient;
  readonly backend: string;
  readonly plan: PartitionPlan;
  readonly kernel: SuperstepKernel;
  readonly parameters: ProgramParameters;
  /** Inputs of the kernel that are no arrays of the graph. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly submit?: Omit<SubmitOptions, 'id' | 'output' | 'backend'>;
  readonly options?: SuperstepOptions;
}

const CHECKPOINT_EVERY = 16;
const LOSSES_MAX = 16;
const SUPERSTEPS_MAX = 10_000_000;
/** Before a lost part starts again: its backend may still be noticing. Doubles with every loss. */
const REVIVE_PAUSE_MS = 50;
const REVIVE_PAUSE_MS_MAX = 5_000;

/** How long a backend that is down is waited for, and how often it is looked at. */
const BACKEND_WAIT_MS_MAX = 60_000;
const BACKEND_PAUSE_MS = 250;
const AWAY: readonly ErrorCode[] = ['E_BACKEND_UNAVAILABLE', 'E_ENGINE_UNREACHABLE'];

/** Codes that say a worker, what it held, or its way there is gone: another attempt may find a living one. */
const LOSSES: readonly ErrorCode[] = [
  'E_LOST',
  'E_WORKER_EXITED',
  'E_OBJECT_LOST',
  'E_TASK_NOT_FOUND',
  'E_OUTCOME_UNKNOWN',
  'E_BACKEND_UNAVAILABLE',
  'E_ENGINE_UNREACHABLE',
];

/** @throws AnantError of what went wrong; `E_LOST` after too many losses */
export async function runSupersteps(
  run: SuperstepRun,
): Promise<{ readonly outputs: Outputs; readonly report: SuperstepReport }> {
  const { client, backend, plan, kernel, parameters, submit = {} } = run;
  const sources = plan.sources;
  const options: HostOptions = { client, backend, sources, program: kernel.program, parameters, submit };
  return runOnHost(hasActors(run) ? new ActorPartitions(options) : new StoredPartitions(options), run);
}

/** What a run is about, wherever its parts live. */
export type HostedRun = Pick<SuperstepRun, 'plan' | 'kernel' | 'parameters' | 'inputs' | 'options'>;

/** As `runSupersteps`, on parts that `host` keeps; closes it. */
export async function runOnHost(
  host: PartitionHost,
  { plan, kernel, parameters, inputs = {}, options = {} }: HostedRun,
): Promise<{ readonly outputs: Outputs; readonly report: SuperstepReport }> {
  const startMs = performance.now();
  const parts = plan.sources.length;
  const driver = new SuperstepDriver({
    parts,
    coordinator: kernel.coordinator(plan.whole, parameters, inputs),
    checkpointEvery: options.checkpointEvery ?? CHECKPOINT_EVERY,
    lossesMax: options.lossesMax ?? LOSSES_MAX,
    superstepsMax: options.superstepsMax ?? SUPERSTEPS_MAX,
    merge: (collected) => mergeCollected(plan, collected),
  });
  const folder = new CheckpointFolder(host, options.checkpointFolder);
  try {
    await new Shell(driver, host, folder, (progress) => options.onSuperstep?.({ ...progress, parts })).run();
    const { state } = driver;
    if (state.type !== 'done') {
      throw new AnantError(
        'E_LOST',
        `${kernel.program} on partitions did not end: ${state.type === 'failed' ? state.reason : 'it stopped'}.`,
      );
    }
    const report = {
      ...driver.progress,
      parts,
      kind: host.kind,
      checkpointsIn: folder.where,
      elapsedMs: performance.now() - startMs,
    };
    return { outputs: state.outputs, report };
  } finally {
    await host.close();
    folder.remove();
  }
}

function hasActors({ client, backend }: SuperstepRun): boolean {
  const asked = {
    name: partitionActor.name,
    output: 'value',
    workload: partitionActor.workload,
    reference: partitionActor.reference,
  };
  return client.explain(asked as never, { backend, require: ['actors'] }).backend !== undefined;
}

/** Carries out orders, many at a time, until there are none. */
class Shell {
  readonly #driver: SuperstepDriver;
  readonly #host: PartitionHost;
  readonly #folder: CheckpointFolder;
  readonly #onSuperstep: (progress: Progress) => void;
  #supersteps = 0;

  constructor(
    driver: SuperstepDriver,
    host: PartitionHost,
    folder: CheckpointFolder,
    onSuperstep: (progress: Progress) => void,
  ) {
    this.#driver = driver;
    this.#host = host;
    this.#folder = folder;
    this.#onSuperstep = onSuperstep;
  }

  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      let open = 0;
      const carryOut = (orders: readonly Order[]): void => {
        open += orders.length;
        for (const order of orders) {
          this.#answer(order).then((answer) => {
            const next = this.#driver.handle(order.part, order.life, answer);
            this.#tell();
            carryOut(next);
            open -= 1;
            if (open === 0) resolve();
          }, reject);
        }
      };
      carryOut(this.#driver.begin());
    });
  }

  #tell(): void {
    const { progress } = this.#driver;
    if (progress.supersteps === this.#supersteps) return;
    this.#supersteps = progress.supersteps;
    this.#onSuperstep(progress);
  }

  /** A backend that is down may come back: waiting for it is no loss. */
  async #start(part: number, checkpoint: Checkpoint | undefined): Promise<void> {
    const startMs = performance.now();
    for (;;) {
      try {
        return await this.#host.start(part, checkpoint);
      } catch (error) {
        const isAway = AnantError.is(error) && AWAY.includes(error.code);
        if (!isAway || performance.now() - startMs > BACKEND_WAIT_MS_MAX) throw error;
        await delay(BACKEND_PAUSE_MS);
      }
    }
  }

  async #answer({ part, life, command }: Order): Promise<Answer> {
    try {
      switch (command.type) {
        case 'start': {
          if (life > 0) await delay(Math.min(REVIVE_PAUSE_MS_MAX, REVIVE_PAUSE_MS * 2 ** (life - 1)));
          await this.#start(part, command.checkpoint);
          return { type: 'started' };
        }
        case 'step':
          return { type: 'stepped', output: await this.#host.step(part, command.input) };
        case 'save': {
          const path = await this.#folder.pathFor(part, command.superstep);
          return { type: 'saved', checkpoint: await this.#host.save(part, path) };
        }
        case 'collect':
          return { type: 'collected', collected: await this.#host.collect(part) };
      }
    } catch (error) {
      const reason = lossOf(error);
      if (reason === undefined) throw error;
      return { type: 'lost', reason };
    }
  }
}

/** Why a part is lost, when that is what an error, or what caused it, says. */
function lossOf(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if (AnantError.is(cause) && LOSSES.includes(cause.code)) return cause.message;
  }
  return undefined;
}

/** Where checkpoints are written, if workers can read there; otherwise states come here. Two files per part, by turns. */
class CheckpointFolder {
  readonly #host: PartitionHost;
  readonly #given: string | undefined;
  #own: string | undefined;
  #path: Promise<string> | undefined;
  where: SuperstepReport['checkpointsIn'] = 'client';
  #superstep = -1;
  #turn = 0;

  constructor(host: PartitionHost, given: string | undefined) {
    this.#host = host;
    this.#given = given;
  }

  async pathFor(part: number, superstep: number): Promise<string> {
    this.#path ??= this.#find();
    const folder = await this.#path;
    if (folder === '') return '';
    if (superstep !== this.#superstep) this.#turn = 1 - this.#turn;
    this.#superstep = superstep;
    return join(folder, `part-${part}-${this.#turn}.state`);
  }

  async #find(): Promise<string> {
    this.#own = mkdtempSync(join(this.#given ?? tmpdir(), 'anant-supersteps-'));
    const mark = join(this.#own, 'mark');
    writeFileSync(mark, '');
    const isShared = await this.#host.sees(mark);
    this.where = isShared ? 'files' : 'client';
    if (!isShared && this.#given !== undefined) {
      throw new AnantError('E_FILE_NOT_FOUND', `A worker does not see the folder "${this.#given}".`, {
        advice: 'Name a folder that all workers share, or leave checkpointFolder out.',
      });
    }
    return isShared ? this.#own : '';
  }

  remove(): void {
    if (this.#own !== undefined) rmSync(this.#own, { recursive: true, force: true });
  }
}
