/** A fingerprint of what a task is: equal for equal contents, so that an id used twice can be judged. */
import { createHash, type Hash } from 'node:crypto';
import { DEPTH_MAX } from '../../codec/limits.js';
import { Tensor } from '../../codec/tensor.js';
import { ObjectRef } from '../../contract/index.js';
import { PendingValue } from './pending-value.js';
import type { TaskPlan } from './task-plan.js';

/** SHA-256 over definition, options that matter to the result, and input; in hex. Key order does not count. */
export function digestTask(plan: TaskPlan, input: unknown): string {
  const hash = createHash('sha256');
  feed(hash, plan.reference, 0);
  feed(hash, plan.options.envelope, 0);
  feed(hash, plan.actor ?? null, 0);
  feed(hash, input, 0);
  return hash.digest('hex');
}

function feed(hash: Hash, value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) return;
  switch (typeof value) {
    case 'object':
      if (value === null) hash.update('null;');
      else feedObject(hash, value, depth);
      return;
    case 'string':
      hash.update(`s${Buffer.byteLength(value)}:`).update(value);
      return;
    case 'number':
      hash.update(Object.is(value, -0) ? 'n-0;' : `n${value};`);
      return;
    default:
      hash.update(`${typeof value}:${String(value)};`);
  }
}

function feedObject(hash: Hash, value: object, depth: number): void {
  if (Array.isArray(value)) {
    hash.update(`[${value.length}:`);
    for (const item of value) feed(hash, item, depth + 1);
  } else if (ArrayBuffer.isView(value)) {
    hash.update(`b${Object.prototype.toString.call(value)}${value.byteLength}:`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (value instanceof Date) hash.update(`d${value.getTime()};`);
  else if (value instanceof Map) feedEntries(hash, 'm', [...value], depth);
  else if (value instanceof PendingValue) hash.update(`p${value.id};`);
  else if (ObjectRef.is(value)) hash.update(`r${value.backend}/${value.id};`);
  else if (Tensor.is(value)) {
    feed(hash, value.shape, depth + 1);
    feed(hash, value.data, depth + 1);
  } else feedEntries(hash, 'o', Object.entries(value), depth);
}

function feedEntries(hash: Hash, tag: string, entries: (readonly [unknown, unknown])[], depth: number): void {
  hash.update(`${tag}${entries.length}:`);
  const sorted = entries
    .map(([key, item]) => [`${typeof key}:${String(key)}`, item] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  for (const [key, item] of sorted) {
    hash.update(`${key.length}:${key}`);
    feed(hash, item, depth + 1);
  }
}
