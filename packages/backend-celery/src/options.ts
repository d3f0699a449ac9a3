/** Options of the Celery adapter. */
import { commonOptions, oneEngine, tlsOption, tlsWireOptions } from '@anant/bridge/adapter';
import { z } from 'zod';

const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'Must be 1 to 64 letters, digits, dots, dashes or underscores.');

export const optionsSchema = z
  .strictObject({
    ...commonOptions,
    /** Broker URL, for example `redis://host:6379/0`; without it a local Redis and workers are started. */
    address: z
      .string()
      .regex(/^(local$|[a-z+]+:\/\/)/, 'Must be a broker URL like redis://host:6379/0, or "local".')
      .optional(),
    /** Queue the workers read. @default anant */
    queue: name.optional(),
    /** Prefix of keys and queues, to keep deployments on one broker apart. @default anant */
    namespace: name.optional(),
    /** Redis that carries results. @default the broker, when it is Redis */
    resultUrl: z
      .string()
      .regex(/^rediss?:\/\//, 'Must be a Redis URL.')
      .optional(),
    /** Certificates of a TLS broker. */
    tls: tlsOption,
  })
  .superRefine(oneEngine);

/** As a user writes them. */
export type CeleryOptions = z.input<typeof optionsSchema>;
/** As they come out of the schema. */
export type CelerySettings = z.output<typeof optionsSchema>;

/** What only Celery's engine understands. @param directory where relative paths start */
export function wireOptions(options: CelerySettings, directory: string): Readonly<Record<string, unknown>> {
  const { queue, namespace, resultUrl, tls } = options;
  return {
    ...(queue !== undefined && { queue }),
    ...(namespace !== undefined && { namespace }),
    ...(resultUrl !== undefined && { result_url: resultUrl }),
    ...tlsWireOptions(tls, directory),
  };
}
