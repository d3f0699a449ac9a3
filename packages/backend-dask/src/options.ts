/** Options of the Dask adapter. */
import { commonOptions, oneEngine, tlsOption, tlsWireOptions } from '@anant/bridge/adapter';
import { z } from 'zod';

export const optionsSchema = z
  .strictObject({
    ...commonOptions,
    /** Scheduler, for example `tcp://scheduler:8786`; without it a local cluster is started. */
    address: z
      .string()
      .regex(/^(local$|(tcp|tls|ucx|ws|wss):\/\/)/, 'Must be a scheduler like tcp://host:8786, or "local".')
      .optional(),
    /** Certificates of a `tls://` scheduler. */
    tls: tlsOption,
  })
  .superRefine(oneEngine);

/** As a user writes them. */
export type DaskOptions = z.input<typeof optionsSchema>;
/** As they come out of the schema. */
export type DaskSettings = z.output<typeof optionsSchema>;

/** What only Dask's engine understands. @param directory where relative paths start */
export const wireOptions = (options: DaskSettings, directory: string): Readonly<Record<string, unknown>> =>
  tlsWireOptions(options.tls, directory);
