/** Reads and writes values on the boundary of a part. */
import type { Frame, Frames, Routes } from './partition-data.js';
import type { StateArray } from './program.js';

export const NO_GLOBALS = new Float64Array(0);
export const NO_REPORT = new Float64Array(0);

/** Calls `visit` with the place, among those of the boundary with a part, of each value of its frame. */
export function eachValue(
  frame: Frame | null | undefined,
  visit: (place: number, value: number) => void,
): void {
  if (!frame) return;
  const { values, positions } = frame;
  for (let i = 0; i < values.length; i++) visit(positions ? positions[i]! : i, values[i]!);
}

/** Puts what all parts sent into the slots from `base` on. */
export function placeValues(
  frames: Frames,
  offsets: Uint32Array,
  base: number,
  target: Float64Array | Uint32Array,
): void {
  for (let from = 0; from < frames.length; from++) {
    const frame = frames[from];
    if (!frame) continue;
    const start = base + offsets[from]!;
    const { values, positions } = frame;
    if (!positions) target.set(values, start);
    else for (let i = 0; i < values.length; i++) target[start + positions[i]!] = values[i]!;
  }
}

/** The values of all places that parts hold of this one. */
export function gatherValues({ offsets, indexes }: Routes, source: Float64Array): Frames {
  return lists(offsets, (from, to) => {
    const values = new Float64Array(to - from);
    for (let i = from; i < to; i++) values[i - from] = source[indexes[i]!]!;
    return { values };
  });
}

/** The values that changed since they were last sent; all of them, without positions, where that is shorter. */
export function gatherChanges({ offsets, indexes }: Routes, source: Uint32Array, sent: Uint32Array): Frames {
  return lists(offsets, (from, to) => {
    const positions: number[] = [];
    for (let i = from; i < to; i++) {
      const value = source[indexes[i]!]!;
      if (value === sent[i]) continue;
      sent[i] = value;
      positions.push(i - from);
    }
    if (positions.length === 0) return null;
    if (positions.length * 2 >= to - from) return { values: sent.slice(from, to) };
    return {
      positions: Uint32Array.from(positions),
      values: Uint32Array.from(positions, (place) => sent[from + place]!),
    };
  });
}

function lists(offsets: Uint32Array, frame: (from: number, to: number) => Frame | null): Frames {
  return Array.from({ length: offsets.length - 1 }, (_, part) => {
    const from = offsets[part]!;
    const to = offsets[part + 1]!;
    return to > from ? frame(from, to) : null;
  });
}

export function isAnyFrame(frames: Frames): boolean {
  return frames.some((frame) => frame !== null);
}

export const f64 = (state: Readonly<Record<string, StateArray>>, name: string) => state[name] as Float64Array;
export const u32 = (state: Readonly<Record<string, StateArray>>, name: string) => state[name] as Uint32Array;
