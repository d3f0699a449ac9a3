/** Saves a hypergraph as an `.anant` file. */
import { basename } from 'node:path';
import { writeAtomically } from '../formats/atomic-file.js';
import type { GraphParts } from '../store/graph-parts.js';
import type { PropertyColumns } from '../store/properties.js';
import { type ColumnEntries, type ColumnEntry, type Directory, INCIDENCE_SECTIONS } from './directory.js';
import { writeIds } from './id-sections.js';
import { SectionWriter } from './section-writer.js';

/** Indexes below this fit 16 bits. */
const NARROW_COUNT = 65_536;

/**
 * Writes the file beside `path` and renames it, so that `path` is never half a file.
 * @throws AnantError `E_FILE_WRITE`
 */
export async function saveParts(parts: GraphParts, path: string): Promise<void> {
  await writeAtomically(path, async (handle) => {
    const writer = new SectionWriter(handle);
    const directory = await writeSections(parts, writer);
    await writer.finish({ ...directory, sections: writer.sections });
  });
}

async function writeSections(parts: GraphParts, writer: SectionWriter): Promise<Omit<Directory, 'sections'>> {
  const { edgeToNodes, nodeToEdges, source } = parts;
  const counts = {
    vertices: nodeToEdges.offsets.length - 1,
    hyperedges: edgeToNodes.offsets.length - 1,
    incidences: edgeToNodes.members.length,
  };
  await writer.add(INCIDENCE_SECTIONS.edgeOffsets, edgeToNodes.offsets);
  await writer.add(INCIDENCE_SECTIONS.edgeMembers, narrowed(edgeToNodes.members, counts.vertices));
  await writer.add(INCIDENCE_SECTIONS.nodeOffsets, nodeToEdges.offsets);
  await writer.add(INCIDENCE_SECTIONS.nodeMembers, narrowed(nodeToEdges.members, counts.hyperedges));
  const { labels, properties } = parts;
  return {
    counts,
    kind: parts.kind,
    vertices: await writeIds(writer, 'vertex-ids', parts.vertices),
    hyperedges: await writeIds(writer, 'hyperedge-ids', parts.hyperedges),
    labels: {
      ...(labels.vertices && { vertices: await writeIds(writer, 'vertex-labels', labels.vertices) }),
      ...(labels.hyperedges && { hyperedges: await writeIds(writer, 'hyperedge-labels', labels.hyperedges) }),
    },
    properties: {
      vertices: await writeColumns(writer, 'vertex', properties.vertices),
      hyperedges: await writeColumns(writer, 'hyperedge', properties.hyperedges),
      incidences: await writeColumns(writer, 'incidence', properties.incidences),
    },
    origin: {
      format: source.format,
      files: source.paths.map((file) => basename(file)),
      warnings: source.warnings,
    },
  };
}

async function writeColumns(
  writer: SectionWriter,
  of: string,
  columns: PropertyColumns,
): Promise<ColumnEntries> {
  const entries: Record<string, ColumnEntry> = {};
  for (const [name, { values, dictionary }] of Object.entries(columns)) {
    const section = `${of}-property-${name}`;
    entries[name] = {
      values: await writer.add(section, values),
      ...(dictionary && { dictionary: await writeIds(writer, `${section}-dictionary`, dictionary) }),
    };
  }
  return entries;
}

/** Half the bytes on disk where every index fits 16 bits; kernels read 32, so memory has them widened. */
function narrowed(members: Uint32Array, count: number): Uint32Array | Uint16Array {
  return count <= NARROW_COUNT ? Uint16Array.from(members) : members;
}
