/** Simplex triples: a folder with sizes, members, and maybe times and labels, one integer per line. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AnantError } from '@anant/core';
import { fileWriteError, isSystemError } from '../formats/atomic-file.js';
import type { Hypergraph } from '../hypergraph.js';
import { inPieces, type Keeps } from './export-format.js';

/** Vertices without hyperedges are kept where there are labels. */
export const SIMPLICES_KEEPS: Keeps = {
  emptyHyperedges: true,
  vertexIds: true,
  labels: true,
  properties: ['hyperedges.time'],
};

const PARTS = ['nverts', 'simplices', 'times', 'node-labels'] as const;
type PartName = (typeof PARTS)[number];

/** Why the graph does not fit, or undefined. */
export function whyNotSimplices(graph: Hypergraph): string | undefined {
  if (graph.incidenceCount === 0) return 'it has no members, and files of simplices may not be empty';
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    const id = graph.vertices.externalOf(vertex);
    if (typeof id !== 'number' || id < 0) return `the vertex ${JSON.stringify(id)} is no integer from 0`;
  }
  const { time } = graph.properties.hyperedges;
  const isTime = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (time && (time.dictionary || !Array.from(time.values).every(isTime))) {
    return 'a time is no integer from 0';
  }
  return undefined;
}

/**
 * Writes the folder beside its place and renames it: whole or not at all.
 * @param write Writes one file.
 * @returns The size of all files. @throws AnantError `E_FILE_WRITE` also where the folder exists
 */
export async function writeSimplices(
  graph: Hypergraph,
  folder: string,
  write: (path: string, pieces: Iterable<string>) => Promise<void>,
): Promise<number> {
  const target = resolve(folder);
  const name = basename(target);
  const temporary = join(dirname(target), `.${name}.${randomUUID()}.tmp`);
  try {
    if (await exists(target)) {
      throw new AnantError('E_FILE_WRITE', `${folder} cannot be written: it exists.`, {
        advice: 'Simplex triples are a folder; name one that does not exist.',
      });
    }
    await mkdir(temporary);
    let bytes = 0;
    for (const part of PARTS) {
      const lines = linesOf(graph, part);
      if (lines === undefined) continue;
      const path = join(temporary, `${name}-${part}.txt`);
      await write(path, inPieces(lines));
      bytes += (await stat(path)).size;
    }
    await rename(temporary, target);
    return bytes;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw isSystemError(error) ? fileWriteError(folder, error) : error;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function linesOf(graph: Hypergraph, part: PartName): Iterable<string> | undefined {
  const { vertices, hyperedgeCount, vertexCount, edgeToNodes, properties } = graph;
  const labels = graph.parts().labels.vertices;
  const { time } = properties.hyperedges;
  const { offsets, members } = edgeToNodes;
  switch (part) {
    case 'nverts':
      return lines(hyperedgeCount, (hyperedge) => offsets[hyperedge + 1]! - offsets[hyperedge]!);
    case 'simplices':
      return lines(members.length, (at) => vertices.externalOf(members[at]!));
    case 'times':
      return time && lines(hyperedgeCount, (hyperedge) => time.values[hyperedge]!);
    case 'node-labels':
      return (
        labels && lines(vertexCount, (at) => `${vertices.externalOf(at)} ${oneLine(labels.externalOf(at))}`)
      );
  }
}

const oneLine = (label: number | string): string => String(label).replace(/[\r\n]+/g, ' ');

function* lines(count: number, line: (index: number) => number | string): Generator<string> {
  for (let index = 0; index < count; index++) yield `${line(index)}\n`;
}
