/** Opens an `.anant` file: sections go straight into the memory of the graph, nothing is parsed. */
import { type FileHandle, open } from 'node:fs/promises';
import { AnantError, type KernelArray, KernelMemory } from '@anant/core';
import { checkSignal } from '../formats/byte-source.js';
import { fileAccessError, fileFormatError } from '../formats/file-error.js';
import type { IdTable } from '../ids/id-table.js';
import type { GraphParts } from '../store/graph-parts.js';
import type { Incidence } from '../store/incidence.js';
import type { PropertyColumn, PropertyColumns, PropertyValues } from '../store/properties.js';
import { type ColumnEntries, type Directory, INCIDENCE_SECTIONS, parseDirectory } from './directory.js';
import { isRising, readIds } from './id-sections.js';
import { decodeHeader, HEADER_BYTES, type Header, VERSION } from './layout.js';
import { DAMAGED_ADVICE, type PlaceU32, SectionReader } from './section-reader.js';
import { crc32Of } from './section-writer.js';

export interface OpenOptions {
  /** Where the arrays go. @default a memory of its own */
  readonly memory?: KernelMemory;
  /** Ends opening with `E_CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** Most bytes of a directory; a larger one is refused. */
const DIRECTORY_BYTES_MAX = 67_108_864;

/**
 * @throws AnantError `E_FILE_NOT_FOUND`; `E_FILE_FORMAT` when it is no such file, of another version, truncated or
 * damaged; `E_OUT_OF_MEMORY`; `E_CANCELLED`
 */
export async function openParts(path: string, options: OpenOptions = {}): Promise<GraphParts> {
  let handle: FileHandle | undefined;
  const memory = options.memory ?? new KernelMemory();
  const allocated: KernelArray[] = [];
  const place: PlaceU32 = (length) => {
    checkSignal(options.signal, path);
    const array = memory.allocate('u32[]', length);
    allocated.push(array);
    return array;
  };
  try {
    handle = await open(path, 'r');
    const directory = await readDirectory(handle, path);
    return await readParts(new SectionReader(handle, path, directory.sections), directory, {
      path,
      memory,
      place,
    });
  } catch (error) {
    for (const array of allocated) memory.free(array);
    if (AnantError.is(error) || !(error as NodeJS.ErrnoException).code?.startsWith('E')) throw error;
    throw fileAccessError(path, error);
  } finally {
    await handle?.close();
  }
}

export async function readDirectory(handle: FileHandle, path: string): Promise<Directory> {
  const refuse = (reason: string, advice = DAMAGED_ADVICE): never => {
    throw fileFormatError({ path }, reason, { advice });
  };
  const first = new Uint8Array(HEADER_BYTES);
  const { bytesRead } = await handle.read(first, 0, HEADER_BYTES, 0);
  const header = decodeHeader(first.subarray(0, bytesRead));
  if (typeof header === 'string') {
    const isOther = header.startsWith('this is no');
    return refuse(header, isOther ? 'Use Hypergraph.load, which tells the format.' : DAMAGED_ADVICE);
  }
  if (header.version !== VERSION) {
    refuse(
      `the file has version ${header.version} of the format; this release reads version ${VERSION}`,
      'Make it again with "anant graph import", or use the release that wrote it.',
    );
  }
  const size = (await handle.stat()).size;
  if (size < header.fileBytes) {
    refuse(`the file is truncated: it has ${size} bytes of ${header.fileBytes}`);
  }
  if (size > header.fileBytes) {
    refuse(`the file has ${size} bytes, ${size - header.fileBytes} more than its header says`);
  }
  return readDirectoryAt(handle, header, refuse);
}

async function readDirectoryAt(
  handle: FileHandle,
  { directoryOffset, directoryBytes, directoryCrc }: Header,
  refuse: (reason: string) => never,
): Promise<Directory> {
  if (directoryBytes > DIRECTORY_BYTES_MAX) refuse(`the directory has ${directoryBytes} bytes`);
  const bytes = new Uint8Array(directoryBytes);
  await handle.read(bytes, 0, directoryBytes, directoryOffset);
  if (crc32Of(bytes) !== directoryCrc) refuse('the directory is damaged: its checksum does not fit');
  try {
    return parseDirectory(bytes, directoryOffset);
  } catch (cause) {
    return refuse(`the directory is not valid: ${(cause as Error).message}`);
  }
}

async function readParts(
  reader: SectionReader,
  directory: Directory,
  { path, memory, place }: { path: string; memory: KernelMemory; place: PlaceU32 },
): Promise<GraphParts> {
  const { counts, properties, origin } = directory;
  const { edgeOffsets, edgeMembers, nodeOffsets, nodeMembers } = INCIDENCE_SECTIONS;
  const side = async (offsets: string, members: string): Promise<Incidence> => ({
    offsets: await reader.readU32(offsets, place),
    members: await reader.readU32(members, place),
  });
  const edgeToNodes = await side(edgeOffsets, edgeMembers);
  const nodeToEdges = await side(nodeOffsets, nodeMembers);
  checkSide(reader, 'hyperedge', edgeToNodes, counts.hyperedges, counts.vertices, counts.incidences);
  checkSide(reader, 'vertex', nodeToEdges, counts.vertices, counts.hyperedges, counts.incidences);
  return {
    memory,
    edgeToNodes,
    nodeToEdges,
    ...(await readNames(reader, directory)),
    kind: directory.kind,
    properties: {
      vertices: await readColumns(reader, properties.vertices, counts.vertices),
      hyperedges: await readColumns(reader, properties.hyperedges, counts.hyperedges),
      incidences: await readColumns(reader, properties.incidences, counts.incidences),
    },
    source: { format: 'anant', paths: [path], warnings: origin?.warnings ?? [] },
  };
}

/** Ids and labels. */
export async function readNames(
  reader: SectionReader,
  { counts, labels, ...ids }: Directory,
): Promise<Pick<GraphParts, 'vertices' | 'hyperedges' | 'labels'>> {
  const read = async (entry: Directory['vertices'], what: string, size: number): Promise<IdTable> => {
    const table = await readIds(reader, entry);
    return table.size === size ? table : reader.refuse(`there are ${table.size} ${what}, not ${size}`);
  };
  return {
    vertices: await read(ids.vertices, 'ids of vertices', counts.vertices),
    hyperedges: await read(ids.hyperedges, 'ids of hyperedges', counts.hyperedges),
    labels: {
      ...(labels.vertices && {
        vertices: await read(labels.vertices, 'labels of vertices', counts.vertices),
      }),
      ...(labels.hyperedges && {
        hyperedges: await read(labels.hyperedges, 'labels of hyperedges', counts.hyperedges),
      }),
    },
  };
}

/** Kernels trap on what is no incidence; here the file is named. */
function checkSide(
  reader: SectionReader,
  of: string,
  { offsets, members }: Incidence,
  count: number,
  otherCount: number,
  incidenceCount: number,
): void {
  const isSide =
    offsets.length === count + 1 &&
    offsets[0] === 0 &&
    members.length === incidenceCount &&
    offsets[count] === incidenceCount &&
    isRising(offsets);
  if (!isSide) reader.refuse(`the lists of each ${of} do not fit the counts`);
  let largest = 0;
  for (let i = 0; i < members.length; i++) if (members[i]! > largest) largest = members[i]!;
  if (members.length > 0 && largest >= otherCount) reader.refuse(`a list of a ${of} has a member ${largest}`);
}

async function readColumns(
  reader: SectionReader,
  entries: ColumnEntries,
  length: number,
): Promise<PropertyColumns> {
  const columns: Record<string, PropertyColumn> = {};
  for (const [name, { values: section, dictionary }] of Object.entries(entries)) {
    const values = (await reader.read(section, ['u8', 'u32', 'f64'])) as PropertyValues;
    if (values.length !== length)
      reader.refuse(`the property "${name}" has ${values.length} values, not ${length}`);
    columns[name] = { values, ...(dictionary && { dictionary: await readIds(reader, dictionary) }) };
  }
  return columns;
}
