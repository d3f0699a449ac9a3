/** Options of the Ray adapter. */
import { commonOptions, oneEngine } from '@anant/bridge/adapter';
import { z } from 'zod';

export const optionsSchema = z
  .strictObject({
    ...commonOptions,
    /**
     * `auto` or `host:6379` for a cluster this machine belongs to, `ray://host:10001` for Ray Client (slower, lower
     * limits); without it a local cluster is started.
     */
    address: z
      .string()
      .regex(/^(local|auto|ray:\/\/.+|[^:/]+:\d+)$/, 'Must be "auto", host:port, ray://host:port or "local".')
      .optional(),
    /** Ray namespace. @default one of the session's own */
    namespace: z.string().min(1).optional(),
  })
  .superRefine(oneEngine);

/** As a user writes them. */
export type RayOptions = z.input<typeof optionsSchema>;
/** As they come out of the schema. */
export type RaySettings = z.output<typeof optionsSchema>;

/** What only Ray's engine understands. */
export const wireOptions = (
  { namespace }: RaySettings,
  _directory: string,
): Readonly<Record<string, unknown>> => (namespace === undefined ? {} : { namespace });
