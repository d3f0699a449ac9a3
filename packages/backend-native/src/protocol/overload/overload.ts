/**
 * How a worker gives way to pressure, by stated steps, each including those before it: it stops stealing, offers fewer
 * slots, takes no new work, and moves objects to disk. A pure function of readings; it goes up at once and down slowly.
 */

export const OVERLOAD_LEVELS = ['none', 'no-stealing', 'shrunk', 'refusing', 'spilling'] as const;
export type OverloadLevel = (typeof OVERLOAD_LEVELS)[number];

/** What was measured. */
export interface PressureReading {
  /** Processes that want a core, for each core. */
  readonly cpu: number;
  /** Part of the memory that is taken, 0 to 1: of the machine, or of the worker's own limit, whichever is more. */
  readonly memory: number;
  /** The same of the GPUs' memory; 0 without GPUs. */
  readonly gpuMemory: number;
}

export interface OverloadSettings {
  /** Part of the memory from which each level holds, in the order of the levels. */
  readonly memory: readonly [noStealing: number, shrunk: number, refusing: number, spilling: number];
  /** Wanted cores per core from which the first two levels hold; the processor alone never makes a worker refuse. */
  readonly cpu: readonly [noStealing: number, shrunk: number];
  /** Part of the GPUs' memory from which the first two levels hold. */
  readonly gpuMemory: readonly [noStealing: number, shrunk: number];
  /** A level is left when the reading is so far below where it began, as a part of it. */
  readonly recovery: number;
  /** Readings in a row that must be that low. */
  readonly calmReadings: number;
}

export const OVERLOAD_DEFAULTS: OverloadSettings = {
  memory: [0.85, 0.9, 0.94, 0.96],
  cpu: [4, 16],
  gpuMemory: [0.9, 0.97],
  recovery: 0.05,
  calmReadings: 3,
};

const LEVEL_MAX = OVERLOAD_LEVELS.length - 1;

export interface Overload {
  readonly level: OverloadLevel;
  /** Slots the worker offers now. */
  readonly slots: number;
  /** For people; empty at level `none`. */
  readonly reason: string;
  /** Readings in a row that would allow a lower level. */
  readonly calm: number;
}

export const calmOverload = (slots: number): Overload => ({ level: 'none', slots, reason: '', calm: 0 });

/** The state after one more reading. @param slotsMax what the worker has when nothing presses */
export function nextOverload(
  before: Overload,
  reading: PressureReading,
  slotsMax: number,
  settings: OverloadSettings = OVERLOAD_DEFAULTS,
): Overload {
  const held = OVERLOAD_LEVELS.indexOf(before.level);
  const reached = levelOf(reading, settings, 1, LEVEL_MAX);
  if (reached.level > held) return at(reached, before.slots, slotsMax, 0);
  // While it is not low enough for long enough, what held goes on to hold.
  const kept = levelOf(reading, settings, 1 - settings.recovery, held);
  if (kept.level === held) return at(kept, before.slots, slotsMax, 0);
  const calm = before.calm + 1;
  if (calm < settings.calmReadings) return { ...before, slots: slotsOf(held, before.slots, slotsMax), calm };
  // One step at a time: what the next one frees shows in the next readings.
  const below = held - 1;
  const why =
    below === 0 ? '' : `It recovers. ${before.reason}`.replace('It recovers. It recovers.', 'It recovers.');
  return at({ level: below, reason: why }, before.slots, slotsMax, 0);
}

interface Reached {
  readonly level: number;
  readonly reason: string;
}

function at({ level, reason }: Reached, slots: number, slotsMax: number, calm: number): Overload {
  const name = OVERLOAD_LEVELS[level]!;
  return { level: name, slots: slotsOf(level, slots, slotsMax), reason: level === 0 ? '' : reason, calm };
}

/** Half of the slots with each reading under pressure, at least one; one more with each that is not; none when it refuses. */
function slotsOf(level: number, slots: number, slotsMax: number): number {
  if (level >= 3) return 0;
  if (level === 2) return Math.max(1, Math.floor(Math.min(slots, slotsMax) / 2));
  return Math.min(slotsMax, slots + 1);
}

/** The highest level, up to `levelMax`, whose threshold, times `factor`, is reached by anything. */
function levelOf(
  { cpu, memory, gpuMemory }: PressureReading,
  settings: OverloadSettings,
  factor: number,
  levelMax: number,
): Reached {
  const ranked = (value: number, thresholds: readonly number[], say: (value: number) => string) =>
    rank(value, thresholds.slice(0, levelMax), factor, say);
  const candidates: Reached[] = [
    ranked(memory, settings.memory, (value) => `${percent(value)} of the memory is taken`),
    ranked(cpu, settings.cpu, (value) => `${value.toFixed(1)} processes want each core`),
    ranked(gpuMemory, settings.gpuMemory, (value) => `${percent(value)} of the GPUs' memory is taken`),
  ];
  return candidates.reduce((highest, next) => (next.level > highest.level ? next : highest));
}

function rank(
  value: number,
  thresholds: readonly number[],
  factor: number,
  say: (value: number) => string,
): Reached {
  const level = thresholds.filter((threshold) => value >= threshold * factor).length;
  if (level === 0) return { level, reason: '' };
  const from = thresholds[level - 1]!;
  return {
    level,
    reason: `${say(value)} (${OVERLOAD_LEVELS[level]} from ${from < 1 ? percent(from) : from}).`,
  };
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;
