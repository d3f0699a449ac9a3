/** What a clause sees while it runs: a backend of its own, fixtures, files, faults and a seed. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, type ConnectOptions, connect } from '../client/index.js';
import type { BackendV1, CapabilityManifest, DefinitionKind, Feature, Random } from '../contract/index.js';
import type { TaskDefinition } from '../define/index.js';
import type { Fault, FaultHarness } from './fault-harness.js';
import { requireFault } from './fault-harness.js';
import type { FixtureName, FixtureSet } from './fixture-set.js';
import { Session } from './session.js';

/** Workloads of the fixtures, all routed to the backend under test. */
const WORKLOADS = ['interactive', 'data-processing', 'graph-analytics'] as const;

export interface ClauseEnvironment {
  /** A fresh or leased backend, not started from the clause's point of view. */
  readonly acquire: () => Promise<BackendV1>;
  readonly faultsOf: (backend: BackendV1 | undefined) => FaultHarness;
  readonly fixtures: FixtureSet;
  readonly manifest: CapabilityManifest;
  readonly kind: DefinitionKind;
  readonly prefix: string;
  /** Where clauses keep their files. It outlives them: tasks that were left behind still look for their gates. */
  readonly folder: string;
  readonly random: Random;
  readonly deadlineMs: number;
  readonly startTimeoutMs: number;
}

export class ClauseContext {
  #folder: string | undefined;
  #fileCount = 0;
  #sessionCount = 0;
  readonly #releases: string[] = [];
  readonly #cleanups: (() => Promise<void> | void)[] = [];

  constructor(readonly environment: ClauseEnvironment) {}

  get kind(): DefinitionKind {
    return this.environment.kind;
  }

  get fixtures(): FixtureSet {
    return this.environment.fixtures;
  }

  get manifest(): CapabilityManifest {
    return this.environment.manifest;
  }

  get random(): Random {
    return this.environment.random;
  }

  get deadlineMs(): number {
    return this.environment.deadlineMs;
  }

  has(feature: Feature): boolean {
    return this.manifest.features[feature].level !== 'absent';
  }

  /** The backend itself, not started; for clauses about starting. */
  acquire(): Promise<BackendV1> {
    return this.environment.acquire();
  }

  /** A started session on the contract. */
  async open(): Promise<Session> {
    const session = this.sessionOn(await this.acquire());
    await session.start();
    return session;
  }

  /** A client that has this backend and no other. It is closed when the clause ends. */
  async connect(options: Partial<ConnectOptions> = {}): Promise<Client> {
    return this.connectTo(await this.acquire(), options);
  }

  async connectTo(backend: BackendV1, options: Partial<ConnectOptions> = {}): Promise<Client> {
    const { startTimeoutMs, random } = this.environment;
    const workloads = Object.fromEntries(
      WORKLOADS.map((workload) => [
        workload,
        { primary: [backend.id], secondary: [], fallback: 'forbid' } as const,
      ]),
    );
    const client = connect({
      workloads,
      random,
      ...options,
      backends: { [backend.id]: backend, ...options.backends },
      limits: { startTimeoutMs, ...options.limits },
    });
    this.defer(() => client.abort());
    return client;
  }

  /** A value fixture as a definition for the client. */
  task<Output = unknown>(name: FixtureName): Promise<TaskDefinition<unknown, Output, 'value'>> {
    return this.fixtures.definition<Output>(this.kind, name);
  }

  /** A stream fixture as a definition for the client. */
  stream<Output = unknown>(name: FixtureName): Promise<TaskDefinition<unknown, Output, 'stream'>> {
    return this.fixtures.streamDefinition<Output>(this.kind, name);
  }

  sessionOn(backend: BackendV1): Session {
    const { fixtures, kind, deadlineMs, startTimeoutMs } = this.environment;
    // Several sessions of one clause may share a backend: their ids must differ too.
    const prefix = `${this.environment.prefix}.${this.#sessionCount++}`;
    return new Session(backend, { fixtures, kind, prefix, deadlineMs, startTimeoutMs });
  }

  /** @throws NotInjectable when this backend's harness lacks the fault. */
  fault<Name extends Fault>(
    name: Name,
    holder?: { readonly backend: BackendV1 },
  ): NonNullable<FaultHarness[Name]> {
    return requireFault(this.environment.faultsOf(holder?.backend), name);
  }

  /** A path in a private folder that does not exist yet. */
  path(name: string): string {
    this.#folder ??= mkdtempSync(join(this.environment.folder, 'clause-'));
    this.#fileCount += 1;
    return join(this.#folder, `${this.#fileCount}-${name}`);
  }

  /** A path tasks wait for. It is released at the latest when the clause ends, so that no task waits on. */
  gate(): string {
    const path = this.path('release');
    this.#releases.push(path);
    return path;
  }

  /** Lets the tasks go that wait for `gate`. */
  release(gate: string): void {
    writeFileSync(gate, '');
  }

  /** Runs when the clause has ended, however it ended; the last one first. */
  defer(cleanup: () => Promise<void> | void): void {
    this.#cleanups.push(cleanup);
  }

  /** @internal */
  async close(): Promise<void> {
    for (const gate of this.#releases) this.release(gate);
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
  }
}
