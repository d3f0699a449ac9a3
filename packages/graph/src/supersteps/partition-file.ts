/** Parts as files: what workers read that are not sent their part. */
import { readArrayFile, writeArrayFile } from './array-file.js';
import { isPartitionFile, type PartitionData, type PartitionSource } from './partition-data.js';

export function writePartition(path: string, data: PartitionData): void {
  const { vertexSends, edgeSends, ...rest } = data;
  writeArrayFile(path, {
    ...rest,
    vertexSendOffsets: vertexSends.offsets,
    vertexSendIndexes: vertexSends.indexes,
    edgeSendOffsets: edgeSends.offsets,
    edgeSendIndexes: edgeSends.indexes,
  });
}

/** @throws Error when the file is not whole */
export function readPartition(path: string): PartitionData {
  const { vertexSendOffsets, vertexSendIndexes, edgeSendOffsets, edgeSendIndexes, ...rest } =
    readArrayFile(path);
  return {
    ...rest,
    vertexSends: { offsets: vertexSendOffsets, indexes: vertexSendIndexes },
    edgeSends: { offsets: edgeSendOffsets, indexes: edgeSendIndexes },
  } as unknown as PartitionData;
}

export const partitionOf = (source: PartitionSource): PartitionData =>
  isPartitionFile(source) ? readPartition(source.path) : source;
