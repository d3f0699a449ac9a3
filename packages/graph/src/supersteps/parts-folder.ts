/**
 * A divided graph in a folder: `parts.json`, which is written last and says what belongs together, a file per part, and
 * `ids.anant`, the vertices and hyperedges without incidences.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { AnantError, KernelMemory } from '@anant/core';
import { openParts } from '../container/open-graph.js';
import { saveParts } from '../container/save-graph.js';
import { fileAccessError, fileFormatError } from '../formats/file-error.js';
import { RangeIds } from '../ids/range-ids.js';
import type { GraphParts } from '../store/graph-parts.js';
import { joinRanges, type MemberRange } from '../store/member-range.js';
import { offsetsOf } from '../store/offsets.js';
import { arrayFileDigest } from './array-file.js';
import type { PartitionData, PartitionFile } from './partition-data.js';
import { partitionOf, readPartition, writePartition } from './partition-file.js';
import {
  type Cut,
  lengths,
  memberRangeOfPart,
  type Owned,
  ownedBy,
  PARTITIONS_MAX,
  type PartitionPlan,
} from './plan.js';
import type { WholeGraph } from './program.js';
import { countLone, sumBounds } from './sum-blocks.js';

/** Its presence makes a folder a divided graph. */
export const PARTS_FILE = 'parts.json';
const IDS_FILE = 'ids.anant';
const FORMAT = 'anant-parts';
const VERSION = 1;
const MANIFEST_BYTES_MAX = 2 ** 20;

interface Manifest {
  readonly format: string;
  readonly version: number;
  readonly partitioner: string;
  readonly vertexCount: number;
  readonly hyperedgeCount: number;
  readonly incidenceCount: number;
  readonly cut: Cut;
  readonly parts: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[];
}

/** What a folder holds. Offsets are those of the whole graph: where lists would begin if they were here. */
export interface PartsFolder {
  readonly plan: PartitionPlan;
  readonly edgeOffsets: Uint32Array;
  readonly nodeOffsets: Uint32Array;
  /** Ids and labels; its incidences are none. */
  readonly ids: GraphParts;
}

export const partPath = (folder: string, part: number): string => join(folder, `part-${part}.parts`);

/** Whether a path is a folder of parts. */
export const isPartsFolder = (path: string): boolean => existsSync(join(path, PARTS_FILE));

/** Deletes what an earlier division left in a folder. */
export function clearPartsFolder(folder: string): void {
  // First of all what makes the rest valid.
  for (const file of [PARTS_FILE, IDS_FILE]) rmSync(join(folder, file), { force: true });
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (/^part-\d+\.parts$/.test(file)) rmSync(join(folder, file), { force: true });
  }
}

/** Writes the parts of a plan in memory. @throws AnantError `E_FILE_WRITE` */
export function writeParts(folder: string, plan: PartitionPlan): PartitionPlan {
  try {
    mkdirSync(folder, { recursive: true });
    clearPartsFolder(folder);
    const sources = plan.sources.map((source, part): PartitionFile => {
      const path = partPath(folder, part);
      writePartition(path, partitionOf(source));
      return { path };
    });
    return { ...plan, sources };
  } catch (cause) {
    throw notWritten(folder, cause);
  }
}

/** Writes what makes the parts in a folder a graph. @throws AnantError `E_FILE_WRITE` */
export async function writePartsFolder(
  folder: string,
  plan: PartitionPlan,
  graph: GraphParts,
): Promise<void> {
  const { vertexCount, hyperedgeCount, incidenceCount } = plan.whole;
  await saveParts(withoutIncidences(graph), join(folder, IDS_FILE));
  const parts = plan.sources.map((_, part) => {
    const path = partPath(folder, part);
    return { file: basename(path), bytes: statSync(path).size, sha256: arrayFileDigest(path) };
  });
  const { partitioner, cut } = plan;
  const manifest: Manifest = {
    format: FORMAT,
    version: VERSION,
    partitioner,
    vertexCount,
    hyperedgeCount,
    incidenceCount,
    cut,
    parts,
  };
  const path = join(folder, PARTS_FILE);
  try {
    writeFileSync(`${path}.part`, `${JSON.stringify(manifest, null, 1)}\n`);
    renameSync(`${path}.part`, path);
  } catch (cause) {
    throw notWritten(folder, cause);
  }
}

/** @throws AnantError `E_FILE_NOT_FOUND`, `E_FILE_FORMAT` */
export async function readPartsFolder(folder: string): Promise<PartsFolder> {
  const manifest = readManifest(folder);
  const { vertexCount, hyperedgeCount, incidenceCount, partitioner, cut } = manifest;
  const [degrees, sizes] = [new Uint32Array(vertexCount), new Uint32Array(hyperedgeCount)];
  const owned: Owned[] = [];
  let range: MemberRange;
  const sources = manifest.parts.map((expected, part): PartitionFile => {
    const path = join(folder, expected.file);
    const data = readExpected(path, part, expected, manifest);
    owned.push(copyOf(ownedBy(data)));
    range = joinRanges(range, memberRangeOfPart(data));
    lengths(data.nodeOffsets, owned[part]!.vertices, degrees);
    lengths(data.edgeOffsets, owned[part]!.hyperedges, sizes);
    return { path };
  });
  const edgeOffsets = offsetsOf(sizes);
  const nodeOffsets = offsetsOf(degrees);
  const whole: WholeGraph = {
    ...{ vertexCount, hyperedgeCount, incidenceCount },
    loneByBlock: () => countLone(vertexCount, (vertex) => degrees[vertex] === 0),
    sumBounds: (count) => sumBounds(edgeOffsets, count),
    memberRange: () => range,
  };
  const ids = await openParts(join(folder, IDS_FILE));
  if (ids.vertices.size !== vertexCount || ids.hyperedges.size !== hyperedgeCount) {
    throw refused(join(folder, IDS_FILE), 'it belongs to another graph than the parts');
  }
  return { plan: { sources, owned, whole, partitioner, cut }, edgeOffsets, nodeOffsets, ids };
}

/** The ids of a graph whose vertices and hyperedges are numbers from 0. */
export function numbered({ vertexCount, hyperedgeCount, loneByBlock }: WholeGraph): GraphParts {
  const parts = unlistedParts({
    vertices: new RangeIds(0, vertexCount),
    hyperedges: new RangeIds(0, hyperedgeCount),
    labels: {},
  });
  const lone = loneByBlock().reduce((sum, count) => sum + count, 0);
  if (lone === 0) return parts;
  const told = `Integers below the largest that are in no hyperedge: ${lone}. In these parts they are vertices, too.`;
  return { ...parts, source: { ...parts.source, warnings: [told] } };
}

/** Vertices and hyperedges without incidences. */
export function unlistedParts(names: Pick<GraphParts, 'vertices' | 'hyperedges' | 'labels'>): GraphParts {
  const none = { offsets: new Uint32Array(1), members: new Uint32Array(0) };
  return {
    ...names,
    memory: new KernelMemory(),
    edgeToNodes: none,
    nodeToEdges: none,
    kind: 'undirected',
    properties: { vertices: {}, hyperedges: {}, incidences: {} },
    source: { format: 'hyperedges', paths: [], warnings: [] },
  };
}

function withoutIncidences(graph: GraphParts): GraphParts {
  const empty = (lists: number) => ({ offsets: new Uint32Array(lists + 1), members: new Uint32Array(0) });
  return {
    ...graph,
    edgeToNodes: empty(graph.hyperedges.size),
    nodeToEdges: empty(graph.vertices.size),
    kind: 'undirected',
    properties: { vertices: {}, hyperedges: {}, incidences: {} },
  };
}

function readManifest(folder: string): Manifest {
  const path = join(folder, PARTS_FILE);
  let text: string;
  try {
    if (statSync(path).size > MANIFEST_BYTES_MAX) throw refused(path, 'it is too large');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw AnantError.is(error) ? error : fileAccessError(path, error);
  }
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch {
    throw refused(path, 'it is no JSON document');
  }
  if (manifest?.format !== FORMAT) throw refused(path, `its format is not "${FORMAT}"`);
  if (manifest.version !== VERSION) {
    throw refused(path, `its version is ${manifest.version}, this Anant reads ${VERSION}`);
  }
  const counts = [manifest.vertexCount, manifest.hyperedgeCount, manifest.incidenceCount];
  const isWhole =
    Array.isArray(manifest.parts) &&
    manifest.parts.length >= 1 &&
    manifest.parts.length <= PARTITIONS_MAX &&
    manifest.parts.every(({ file }) => /^part-\d+\.parts$/.test(file)) &&
    counts.every((count) => Number.isInteger(count) && count >= 0 && count <= 0xffff_ffff) &&
    typeof manifest.cut === 'object';
  if (!isWhole) throw refused(path, 'counts or parts are missing');
  return manifest;
}

function readExpected(
  path: string,
  part: number,
  { bytes, sha256 }: Manifest['parts'][number],
  { parts, vertexCount, hyperedgeCount }: Manifest,
): PartitionData {
  let data: PartitionData;
  try {
    const size = statSync(path).size;
    if (size < bytes) throw refused(path, `it is truncated: ${size} of ${bytes} bytes`);
    if (arrayFileDigest(path) !== sha256) throw refused(path, 'it belongs to another division of a graph');
    data = readPartition(path);
  } catch (error) {
    if (AnantError.is(error)) throw error;
    if ((error as NodeJS.ErrnoException).code !== undefined) throw fileAccessError(path, error);
    throw refused(path, (error as Error).message);
  }
  const isFit =
    data.part === part &&
    data.parts === parts.length &&
    data.vertexIds.every((id) => id < vertexCount) &&
    data.hyperedgeIds.every((id) => id < hyperedgeCount);
  if (!isFit) throw refused(path, `it is not part ${part} of ${parts.length} of this graph`);
  return data;
}

const refused = (path: string, reason: string): AnantError =>
  fileFormatError({ path }, reason, { advice: 'Divide the graph again: anant graph partition.' });

export const notWritten = (folder: string, cause: unknown): AnantError =>
  new AnantError('E_FILE_WRITE', `Parts cannot be written into "${folder}": ${(cause as Error).message}.`, {
    cause,
  });

/** Views of a part would keep all of it. */
const copyOf = ({ vertices, hyperedges }: Owned): Owned => ({
  vertices: vertices.slice(),
  hyperedges: hyperedges.slice(),
});
