/** Amounts of logical resources. Nothing is measured: a task holds what it asked for from its assignment to its end. */
import type { Resources } from '@anant/core';

export interface ResourceCapacity {
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly gpu: number;
  readonly custom: Readonly<Record<string, number>>;
}

/** Amounts by name; custom resources are prefixed with `custom.`. Only those above 0. */
export type Amounts = ReadonlyMap<string, number>;

export const NOTHING: Amounts = new Map();

export function amountsOf({ cpu, memoryBytes, gpu, custom }: Resources): Amounts {
  const amounts = new Map<string, number>();
  const add = (name: string, amount: number | undefined) => {
    if (amount !== undefined && amount > 0) amounts.set(name, amount);
  };
  add('cpu', cpu);
  add('memoryBytes', memoryBytes);
  add('gpu', gpu);
  for (const name of Object.keys(custom ?? {}).sort()) add(`custom.${name}`, custom![name]);
  return amounts;
}

/** Whether `free` has all of `wanted`. */
export function fits(wanted: Amounts, free: Amounts): boolean {
  for (const [name, amount] of wanted) if (amount > (free.get(name) ?? 0)) return false;
  return true;
}

/** Takes `wanted` from `free`, or gives it back with `sign` 1. */
export function move(free: Map<string, number>, wanted: Amounts, sign: 1 | -1): void {
  for (const [name, amount] of wanted) free.set(name, (free.get(name) ?? 0) + sign * amount);
}

/** Equal for equal amounts: part of the key of a task's class. */
export function keyOf(amounts: Amounts): string {
  let key = '';
  for (const [name, amount] of amounts) key += `${name}=${amount};`;
  return key;
}
