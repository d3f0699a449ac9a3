/** Options of a call, checked: a misspelt or impossible one is named instead of silently ignored. */
import { FEATURES, GANG_TASKS_MAX, GROUP_RULES } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { PRIORITY_MAX } from '../../policy/index.js';
import type { SubmitOptions } from '../types/index.js';

/** Most attempts one task may ask for. */
export const ATTEMPTS_MAX = 100;
const ID = /^[A-Za-z0-9._:-]{1,128}$/;
const RETRY_CAUSES: readonly unknown[] = ['lost', 'app-error', 'timeout', 'unknown'];
const FEATURE_NAMES: readonly unknown[] = FEATURES;

type Check = (value: unknown) => string | undefined;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string) ? undefined : `one of ${allowed.join(', ')}`;
const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text');
const duration: Check = (value) =>
  Number.isFinite(value) && (value as number) >= 0 ? undefined : 'milliseconds, 0 or more';
const positiveDuration: Check = (value) =>
  Number.isFinite(value) && (value as number) > 0 ? undefined : 'milliseconds above 0, not infinite';
const moment: Check = (value) => (Number.isFinite(value) ? undefined : 'milliseconds since the epoch');
const integer =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `an integer from ${least} to ${most}`;
const listOf =
  (allowed: readonly unknown[] | undefined, what: string): Check =>
  (value) =>
    Array.isArray(value) &&
    value.every((item) => (allowed ? allowed.includes(item) : text(item) === undefined))
      ? undefined
      : what;
const record: Check = (value) => (typeof value === 'object' && value !== null ? undefined : 'an object');
const signal: Check = (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal');
const features = listOf(FEATURE_NAMES, 'a list of features');

const placement: Check = (value) => {
  if (record(value) !== undefined) return 'an object';
  const { node, labels, group, ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return `an object of node, labels and group, without "${unknown}"`;
  if (node !== undefined && text(node)) return 'an object whose node is a text';
  if (labels !== undefined && record(labels)) return 'an object whose labels are an object of texts';
  return group === undefined ? undefined : placementGroup(group);
};

function placementGroup(value: unknown): string | undefined {
  if (record(value) !== undefined) return 'an object whose group is an object';
  const { name, rule, tasks } = value as Record<string, unknown>;
  if (text(name)) return 'an object whose group has a name';
  const rules = oneOf(...GROUP_RULES)(rule);
  if (rules) return `an object whose group has as rule ${rules}`;
  const size = tasks === undefined ? undefined : integer(1, GANG_TASKS_MAX)(tasks);
  return size && `an object whose group has as tasks ${size}`;
}

const amount: Check = (value) =>
  Number.isFinite(value) && (value as number) >= 0 ? undefined : 'a number, 0 or more';
const amounts: Check = (value) =>
  record(value) === undefined && Object.values(value as object).every((each) => amount(each) === undefined)
    ? undefined
    : 'an object of numbers, 0 or more';

const CHECKS: Readonly<Record<string, Check>> = {
  id: (value) =>
    typeof value === 'string' && ID.test(value) ? undefined : 'up to 128 characters of [A-Za-z0-9._:-]',
  workload: text,
  backend: text,
  forbid: listOf(undefined, 'a list of backend names'),
  fallback: oneOf('allow', 'forbid'),
  require: features,
  requireNative: features,
  priority: integer(-PRIORITY_MAX, PRIORITY_MAX),
  retry: record,
  timeouts: record,
  notBeforeMs: moment,
  delayMs: duration,
  cancel: record,
  mode: oneOf('async', 'thread', 'process', 'gpu'),
  resources: record,
  placement,
  tenant: text,
  delivery: oneOf('at-least-once', 'at-most-once'),
  output: oneOf('value', 'reference'),
  signal,
  concurrency: integer(1, 1_000_000),
};

const NESTED: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  retry: {
    attempts: integer(1, ATTEMPTS_MAX),
    on: listOf(RETRY_CAUSES, `a list of ${RETRY_CAUSES.join(', ')}`),
    backoffMs: duration,
    backoffMsMax: duration,
  },
  timeouts: {
    scheduleToStartMs: positiveDuration,
    startToCloseMs: positiveDuration,
    scheduleToCloseMs: positiveDuration,
    heartbeatMs: positiveDuration,
  },
  resources: { cpu: amount, memoryBytes: amount, gpu: amount, custom: amounts },
  cancel: {
    how: oneOf('forget', 'ask', 'kill'),
    graceMs: duration,
    escalate: oneOf('kill', 'forget'),
  },
};

/** Checks what differs from call to call. @throws AnantError `E_TASK_INVALID` */
export function checkPerCall({ id, signal }: SubmitOptions, task: string): void {
  if (id === undefined && signal === undefined) return;
  checkRecord({ id, signal }, CHECKS, '', task);
}

/** @throws AnantError `E_TASK_INVALID` */
export function checkOptions(options: SubmitOptions, task: string): void {
  checkRecord(options, CHECKS, '', task);
  for (const group in NESTED) {
    const nested = options[group as 'retry'];
    if (nested !== undefined) checkRecord(nested, NESTED[group]!, `${group}.`, task);
  }
}

function checkRecord(
  options: object,
  checks: Readonly<Record<string, Check>>,
  prefix: string,
  task: string,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = checks[name];
    if (check === undefined) {
      throw invalid(
        task,
        prefix + name,
        value,
        `There is no option "${prefix}${name}"; there are ${Object.keys(checks).join(', ')}.`,
      );
    }
    const expected = check(value);
    if (expected !== undefined) {
      throw invalid(task, prefix + name, value, `Option "${prefix}${name}" must be ${expected}.`);
    }
  }
}

function invalid(task: string, path: string, value: unknown, message: string): AnantError {
  return new AnantError('E_TASK_INVALID', `Task "${task}": ${message}`, {
    advice: 'Correct the options of the call.',
    details: { path, value },
  });
}
