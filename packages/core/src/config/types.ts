/** What a configuration says, as the user writes it and as the rest of Anant reads it. */
import type { ClientLimits, DefaultOptions } from '../client/types/index.js';
import type { BackendV1 } from '../contract/index.js';
import type { Fallback, WorkloadRoute } from '../routing/index.js';

/**
 * Options of each backend by name. Adapters add themselves, so that `defineConfig` knows their options:
 * `declare module '@anant/core' { interface BackendOptionsMap { dask: DaskOptions } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by the adapters' declarations
export interface BackendOptionsMap {}

/** A backend from a package of one's own. */
export interface PackagedBackend {
  /** Name of an installed package, or a path from the configuration file. */
  readonly package: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A built-in backend's options, a package with options, or a backend made by the configuration itself. */
export type BackendSection = Readonly<Record<string, unknown>> | PackagedBackend | BackendV1;

export type BackendSections = {
  readonly [Name in keyof BackendOptionsMap]?: BackendOptionsMap[Name] | PackagedBackend | BackendV1;
} & { readonly [name: string]: BackendSection | undefined };

/** Where a workload goes: one backend, several primaries, or everything in detail. */
export type WorkloadSetting = string | readonly string[] | WorkloadDetails;

export interface WorkloadDetails {
  /** @default the workload's row in the default table */
  readonly primary?: readonly string[];
  /** @default the other backends of the workload's row in the default table */
  readonly secondary?: readonly string[];
  /** @default 'allow' */
  readonly fallback?: Fallback;
  readonly pin?: string;
  readonly forbid?: readonly string[];
}

export interface PythonSettings {
  /** Folders of the user's own Python modules, from the configuration file. */
  readonly path?: readonly string[];
  /** The interpreter. @default the environment made by `anant setup`, then `python3` */
  readonly executable?: string;
}

export interface GraphSettings {
  /** Whether the command line divides a graph by itself where the estimate says that it pays. @default 'never' */
  readonly partitions?: 'auto' | 'never';
  /** Memory that a graph may take in the process of the command line, in bytes; from 4 MiB. @default 4 GiB */
  readonly memoryBytesMax?: number;
}

/** The contents of `anant.config.ts`. */
export interface AnantConfig {
  /** Backends that may be used. `native` always may. */
  readonly backends?: BackendSections;
  /** Where each workload goes, over the default table (docs/routing.md). */
  readonly workloads?: Readonly<Record<string, WorkloadSetting>>;
  /** Backends never to use, for any workload. */
  readonly forbid?: readonly string[];
  /** Options of every task: timeouts, retries, priority and so on. */
  readonly defaults?: DefaultOptions;
  /** Bounds of the client, rate limits included. */
  readonly limits?: ClientLimits;
  readonly python?: PythonSettings;
  readonly graph?: GraphSettings;
}

/** A configuration that was checked, with every default filled in. */
export interface ResolvedConfig {
  /** The file it was read from; missing when there was none. */
  readonly file: string | undefined;
  /** The folder that paths in it start from. */
  readonly directory: string;
  /** `native` included. */
  readonly backends: Readonly<Record<string, ResolvedBackend>>;
  /** Every workload of the default table and of the configuration. */
  readonly workloads: Readonly<Record<string, WorkloadRoute>>;
  readonly forbid: readonly string[];
  readonly defaults: DefaultOptions;
  readonly limits: ClientLimits;
  readonly python: { readonly path: readonly string[]; readonly executable: string | undefined };
  readonly graph: Required<GraphSettings>;
  /** What is allowed but looks like a mistake; for the command line to show. */
  readonly warnings: readonly string[];
}

/** One entry of `backends`, with the options of the environment merged in. */
export interface ResolvedBackend {
  /** Package or path to load; missing when the configuration holds the backend itself. */
  readonly package: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  /** Options that came from environment variables, as text, by option name. */
  readonly environment: Readonly<Record<string, EnvironmentValue>>;
  readonly instance: BackendV1 | undefined;
}

export interface EnvironmentValue {
  readonly variable: string;
  readonly text: string;
}
