/** The zod schema of a configuration. Loaded only when one is checked: zod costs 40 ms to import. */
import { z } from 'zod';
import type { ClientLimits, DefaultOptions } from '../client/types/index.js';
import { FEATURES, GANG_TASKS_MAX, GROUP_RULES } from '../contract/index.js';

const names = z.array(z.string().min(1));
const milliseconds = z.number().min(0);
const record = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);
const section = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  {
    error: 'it must be an object',
  },
);

const workload = z.union([
  z.string().min(1),
  names.min(1),
  z.strictObject({
    primary: names.min(1).optional(),
    secondary: names.optional(),
    fallback: z.enum(['allow', 'forbid']).optional(),
    pin: z.string().min(1).optional(),
    forbid: names.optional(),
  }),
]);

const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().min(1).optional() });

const defaults = z.strictObject({
  backend: z.string().optional(),
  forbid: names.optional(),
  fallback: z.enum(['allow', 'forbid']).optional(),
  require: z.array(z.enum(FEATURES)).optional(),
  requireNative: z.array(z.enum(FEATURES)).optional(),
  priority: z.int().min(-1000).max(1000).optional(),
  retry: z
    .strictObject({
      attempts: z.int().min(1).max(100).optional(),
      on: z.array(z.enum(['lost', 'app-error', 'timeout', 'unknown'])).optional(),
      backoffMs: milliseconds.optional(),
      backoffMsMax: milliseconds.optional(),
    })
    .optional(),
  timeouts: z
    .strictObject({
      scheduleToStartMs: milliseconds.optional(),
      startToCloseMs: milliseconds.optional(),
      scheduleToCloseMs: milliseconds.optional(),
      heartbeatMs: milliseconds.optional(),
    })
    .optional(),
  cancel: z
    .strictObject({
      how: z.enum(['forget', 'ask', 'kill']).optional(),
      graceMs: milliseconds.optional(),
      escalate: z.enum(['kill', 'forget']).optional(),
    })
    .optional(),
  mode: z.enum(['async', 'thread', 'process', 'gpu']).optional(),
  resources: z
    .strictObject({
      cpu: z.number().min(0).optional(),
      memoryBytes: z.int().min(0).optional(),
      gpu: z.number().min(0).optional(),
      custom: record(z.number().min(0)).optional(),
    })
    .optional(),
  placement: z
    .strictObject({
      node: z.string().optional(),
      labels: record(z.string()).optional(),
      group: z
        .strictObject({
          name: z.string().min(1),
          rule: z.enum(GROUP_RULES),
          tasks: z.int().min(1).max(GANG_TASKS_MAX).optional(),
        })
        .optional(),
    })
    .optional(),
  tenant: z.string().optional(),
  delivery: z.enum(['at-least-once', 'at-most-once']).optional(),
}) satisfies z.ZodType<DefaultOptions>;

const limits = z.strictObject({
  openTasksMax: z.int().min(1).optional(),
  dedupTasksMax: z.int().min(0).optional(),
  dedupMs: milliseconds.optional(),
  retryRatio: z.number().min(0).optional(),
  retryReserve: z.number().min(0).optional(),
  startTimeoutMs: milliseconds.optional(),
  downGraceMs: milliseconds.optional(),
  closeGraceMs: milliseconds.optional(),
  breakerFailures: z.int().min(1).optional(),
  breakerOpenMs: milliseconds.optional(),
  definitionRates: record(rate).optional(),
  workloadRates: record(rate).optional(),
}) satisfies z.ZodType<ClientLimits>;

export const configSchema = z.strictObject({
  backends: record(section).optional(),
  workloads: record(workload).optional(),
  forbid: names.optional(),
  defaults: defaults.optional(),
  limits: limits.optional(),
  python: z
    .strictObject({ path: z.array(z.string()).optional(), executable: z.string().optional() })
    .optional(),
  graph: z
    .strictObject({
      partitions: z.enum(['auto', 'never']).optional(),
      memoryBytesMax: z
        .int()
        .min(2 ** 22)
        .max(2 ** 32)
        .optional(),
    })
    .optional(),
});
