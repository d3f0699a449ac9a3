/** Runs clauses against backends made by one factory, one after the other, and collects what they found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendV1, CapabilityManifest, DefinitionKind, StartInfo } from '../contract/index.js';
import { seededRandom } from '../testing/seeded-random.js';
import type { Clause } from './clause.js';
import { ClauseContext } from './clause-context.js';
import { within } from './deadline.js';
import type { FaultHarness, FaultHarnessFactory } from './fault-harness.js';
import { type FixtureLocations, FixtureSet } from './fixture-set.js';
import { refusalOf } from './refusals.js';
import { type ClauseResult, type ConformanceReport, countStatuses, type PassName } from './report.js';
import { type Lease, SharedBackend } from './shared-backend.js';
import { NotInjectable, Violation } from './violation.js';
import { withFaults } from './with-faults.js';
import { type TracedBackend, withTracing } from './with-tracing.js';

export interface SuiteOptions {
  /** A backend nobody has started, isolated from every other one this makes. */
  readonly create: () => BackendV1 | Promise<BackendV1>;
  /** Where the fixture tasks are. @default the ones that ship with the kit */
  readonly fixtures?: Partial<FixtureLocations>;
  /** What can be broken on purpose. @default nothing */
  readonly faults?: FaultHarness | FaultHarnessFactory;
  /** Start of all randomness. @default 1 */
  readonly seed?: number;
  /** Longest wait for anything that should happen, in milliseconds. @default 20 000 */
  readonly deadlineMs?: number;
  /** Longest start of a backend, in milliseconds. @default 60 000 */
  readonly startTimeoutMs?: number;
}

/** Waits a clause may need, one after the other, before the suite gives it up. */
const WAITS_PER_CLAUSE_MAX = 6;
const KINDS: readonly DefinitionKind[] = ['typescript', 'python', 'kernel'];

interface Tried {
  readonly status: ClauseResult['status'];
  readonly detail: string;
}

export class ConformanceSuite {
  readonly results: ClauseResult[] = [];
  readonly deadlineMs: number;
  readonly seed: number;
  readonly #fixtures: FixtureSet;
  readonly #shared = new Map<PassName, SharedBackend>();
  readonly #madeOf = new WeakMap<BackendV1, BackendV1>();
  #details: StartInfo['details'] = {};
  #backendId = '';
  #manifest: CapabilityManifest | undefined;
  #count = 0;
  #folder: string | undefined;

  constructor(readonly options: SuiteOptions) {
    this.deadlineMs = options.deadlineMs ?? 20_000;
    this.seed = options.seed ?? 1;
    this.#fixtures = new FixtureSet({ ...new FixtureSet().locations, ...options.fixtures });
  }

  /** The longest one clause may take. */
  get clauseTimeoutMs(): number {
    return WAITS_PER_CLAUSE_MAX * this.deadlineMs + this.#startTimeoutMs;
  }

  get #startTimeoutMs(): number {
    return this.options.startTimeoutMs ?? 60_000;
  }

  /** Tries one clause; the result is kept for the report. Never throws for what the backend does. */
  async run(clause: Clause, pass: PassName): Promise<ClauseResult> {
    await this.#leaveOtherPasses(pass);
    const beganMs = performance.now();
    const kinds: DefinitionKind[] = [];
    const { id, group, title, level, requires } = clause;
    const tried = await this.#tryClause(clause, pass, kinds).catch(
      (error: unknown): Tried => ({ status: 'failed', detail: describe(error) }),
    );
    const durationMs = performance.now() - beganMs;
    const result = { id, group, title, level, requires, pass, kinds, durationMs, ...tried };
    this.results.push(result);
    return result;
  }

  /** Stops what still runs and gives the report. @param planned results there should be */
  async finish(planned: number): Promise<ConformanceReport> {
    await this.#leaveOtherPasses(undefined);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    return {
      spec: 'conformance/v1',
      backend: this.#backendId,
      manifest: this.#manifest ?? (await this.options.create()).manifest,
      details: this.#details,
      seed: this.seed,
      planned,
      counts: countStatuses(this.results),
      results: this.results,
    };
  }

  /** Two engines at once would only slow each other down. */
  async #leaveOtherPasses(pass: PassName | undefined): Promise<void> {
    for (const [other, shared] of this.#shared) {
      if (other === pass) continue;
      this.#shared.delete(other);
      await shared.stop();
    }
  }

  #folderForFiles(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'anant-conformance-'));
    return this.#folder;
  }

  async #tryClause(clause: Clause, pass: PassName, kinds: DefinitionKind[]): Promise<Tried> {
    const manifest = await this.#manifestOf(pass);
    const has = (kind: DefinitionKind) => manifest.features[`task.${kind}`].level !== 'absent';
    const wanted = clause.kinds === 'any' ? KINDS.filter(has).slice(0, 1) : clause.kinds.filter(has);
    const absent =
      clause.requires.find((feature) => manifest.features[feature].level === 'absent') ??
      (wanted.length === 0 ? (`task.${clause.kinds[0] as DefinitionKind}` as const) : undefined);
    if (absent !== undefined) {
      const kind = KINDS.find(has) ?? 'typescript';
      await this.#runOnce(clause, pass, kind, refusalOf(absent));
      return { status: 'refused', detail: `${absent} is absent and was refused` };
    }
    const cannot: string[] = [];
    for (const kind of wanted) {
      kinds.push(kind);
      try {
        await this.#runOnce(clause, pass, kind, clause.run);
      } catch (error) {
        if (!(error instanceof NotInjectable)) throw new Violation(`[${kind}] ${describe(error)}`);
        cannot.push(error.message);
      }
    }
    if (cannot.length > 0) return { status: 'not-injectable', detail: cannot[0]! };
    return { status: 'passed', detail: '' };
  }

  async #runOnce(clause: Clause, pass: PassName, kind: DefinitionKind, run: Clause['run']): Promise<void> {
    const held = clause.scope === 'fresh' ? this.#fresh(pass) : this.#leased(pass);
    const context = new ClauseContext({
      acquire: held.acquire,
      faultsOf: (backend) => this.#faultsOf(backend),
      fixtures: this.#fixtures,
      manifest: await this.#manifestOf(pass),
      kind,
      folder: this.#folderForFiles(),
      prefix: `${clause.id}.${pass}.${kind}.${this.#count++}`,
      random: seededRandom(this.seed + this.#count),
      deadlineMs: this.deadlineMs,
      startTimeoutMs: this.#startTimeoutMs,
    });
    const brokenBefore = held.lawsBroken().length;
    try {
      await within(run(context), this.clauseTimeoutMs, () => `the end of ${clause.id}`);
    } catch (error) {
      throw error instanceof NotInjectable ? error : new Violation(`${describe(error)}${held.tail()}`);
    } finally {
      await context.close();
      await held.release();
    }
    const broken = held.lawsBroken().slice(brokenBefore);
    if (broken.length > 0) {
      throw new Violation(broken.map(({ law, message }) => `${law}: ${message}`).join('; ') + held.tail());
    }
  }

  /** A backend of its own for a clause that stops or breaks it. Several, when the clause asks again. */
  #fresh(pass: PassName) {
    const made: TracedBackend[] = [];
    return {
      acquire: async () => {
        const backend = await this.#make(pass);
        const traced = withTracing(backend);
        this.#wrap(backend, traced);
        made.push(traced);
        return traced;
      },
      lawsBroken: () => made.flatMap(({ trace }) => trace.laws.broken),
      tail: () => made.map(({ trace }) => `\n${trace.tail(TAIL_ENTRIES)}`).join(''),
      release: async () => {
        for (const traced of made) {
          await within(traced.doStop({ graceMs: 0 }), this.deadlineMs, () => 'the last doStop');
        }
      },
    };
  }

  #leased(pass: PassName) {
    const leases: Lease[] = [];
    const traceOf = () => this.#shared.get(pass)?.traced.trace;
    return {
      acquire: async () => {
        const shared = await this.#sharedOf(pass);
        this.#details = (await shared.start()).details;
        const lease = shared.lease();
        this.#wrap(shared.backend, lease.backend);
        leases.push(lease);
        return lease.backend;
      },
      lawsBroken: () => traceOf()?.laws.broken ?? [],
      tail: () => `\n${traceOf()?.tail(TAIL_ENTRIES) ?? ''}`,
      release: async () => {
        for (const lease of leases) {
          if (await lease.close()) continue;
          // What cannot be ended would disturb the next clause: give the whole backend up.
          const shared = this.#shared.get(pass);
          this.#shared.delete(pass);
          await shared?.stop();
        }
      },
    };
  }

  async #sharedOf(pass: PassName): Promise<SharedBackend> {
    let shared = this.#shared.get(pass);
    if (shared === undefined) {
      shared = new SharedBackend(await this.#make(pass), {
        startTimeoutMs: this.#startTimeoutMs,
        deadlineMs: this.deadlineMs,
      });
      this.#shared.set(pass, shared);
    }
    return shared;
  }

  async #manifestOf(pass: PassName): Promise<CapabilityManifest> {
    if (this.#manifest === undefined) {
      const { traced } = await this.#sharedOf(pass);
      this.#manifest = traced.manifest;
      this.#backendId = traced.id;
    }
    return this.#manifest;
  }

  async #make(pass: PassName): Promise<BackendV1> {
    const made = await this.options.create();
    if (pass !== 'faulty') return made;
    const faulty = withFaults(made, this.seed);
    this.#wrap(made, faulty);
    return faulty;
  }

  /** Remembers what `create` made behind a wrapper. */
  #wrap(inner: BackendV1, wrapper: BackendV1): void {
    this.#madeOf.set(wrapper, this.#madeOf.get(inner) ?? inner);
  }

  #faultsOf(wrapped: BackendV1 | undefined): FaultHarness {
    const { faults } = this.options;
    if (typeof faults !== 'function') return faults ?? {};
    return faults(wrapped && this.#madeOf.get(wrapped));
  }
}

/** Trace entries shown with a failure. */
const TAIL_ENTRIES = 12;

function describe(error: unknown): string {
  if (error instanceof Violation || error instanceof NotInjectable) return error.message;
  return error instanceof Error ? `${error.stack ?? error.message}` : String(error);
}
