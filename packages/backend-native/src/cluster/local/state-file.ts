/** Where the cluster of a project is written down: `.anant/cluster/` in the project's folder, for this user only. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

const processSchema = z.strictObject({
  name: z.string(),
  pid: z.int().min(1),
  /** When it started, as the system tells: another process with the same number started at another time. */
  started: z.string(),
});

const stateSchema = z.strictObject({
  spec: z.literal('local-cluster/v1'),
  version: z.string(),
  /** Of the head; of several, separated by commas. */
  address: z.string(),
  token: z.string(),
  /** Interface at which its processes are reached, when it is not loopback. */
  bind: z.string().optional(),
  /** When the cluster has certificates: folder of its authority, and of the certificate of this project's drivers. */
  certificates: z.strictObject({ authority: z.string(), own: z.string() }).optional(),
  head: processSchema,
  /** Further heads. */
  standbys: z.array(processSchema).default([]),
  /** What several heads share. */
  shared: z.strictObject({ namespace: z.string(), redis: z.array(z.string()) }).optional(),
  workers: z.array(processSchema),
});

export type LocalCluster = z.infer<typeof stateSchema>;
export type LocalProcess = z.infer<typeof processSchema>;

const FILE = 'cluster.json';

export const clusterFolder = (directory: string): string => join(resolve(directory), '.anant', 'cluster');

/** The cluster of this folder, or of the nearest one above that has one. */
export function findLocalCluster(
  directory: string,
): (LocalCluster & { readonly directory: string }) | undefined {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const found = readLocalCluster(folder);
    if (found !== undefined) return { ...found, directory: folder };
    if (dirname(folder) === folder) return undefined;
  }
}

/** What is written down in this folder; a file that is malformed or of another version counts as none. */
export function readLocalCluster(directory: string): LocalCluster | undefined {
  try {
    const text = readFileSync(join(clusterFolder(directory), FILE), 'utf8');
    return stateSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function writeLocalCluster(directory: string, state: LocalCluster): void {
  const folder = clusterFolder(directory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Keeps the addresses of heads that came later, so that the cluster is found when those of its beginning are gone. */
export function rememberHeads(directory: string, heads: readonly string[]): void {
  const state = readLocalCluster(directory);
  if (state === undefined) return;
  const known = state.address.split(',');
  const address = [...new Set([...known, ...heads])].join(',');
  if (address !== state.address) writeLocalCluster(directory, { ...state, address });
}

export function removeLocalCluster(directory: string): void {
  rmSync(join(clusterFolder(directory), FILE), { force: true });
}
