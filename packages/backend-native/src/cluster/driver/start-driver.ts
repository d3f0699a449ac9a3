/** From the options of the backend to a connected driver. */
import { AnantError, type StartContext } from '@anant/core';
import { type NativeOptions, resolveOptions } from '../../embedded/options.js';
import { WINDOW_TASKS } from '../limits.js';
import { certificatesOf } from '../local/cluster-certificates.js';
import { findLocalCluster } from '../local/state-file.js';
import { NodeSecurity } from '../security/node-security.js';
import { ClusterDriver } from './cluster-driver.js';

export interface StartDriverOptions {
  /** Name of the backend. */
  readonly id: string;
  /** Where the search for a local cluster begins. */
  readonly directory: string;
  readonly options: NativeOptions;
  readonly context: StartContext;
}

const CONNECT_MS_MAX = 10_000;

/** @throws AnantError when there is no cluster, or it cannot be reached in time */
export async function startDriver({
  id,
  directory,
  options,
  context,
}: StartDriverOptions): Promise<ClusterDriver> {
  const { payloadBytesMax, objectBytesMax } = resolveOptions(options);
  const { address, token, certificates, bind, connectTimeoutMs, code } = options.cluster ?? {
    address: 'auto',
  };
  const local = address === 'auto' ? localCluster(directory) : undefined;
  const folder = certificatesOf({ certificates, directory, local });
  const security = folder === undefined ? undefined : await NodeSecurity.open({ directory: folder });
  return await ClusterDriver.start(
    {
      id,
      address: local?.address ?? address,
      token: token ?? local?.token ?? process.env.ANANT_CLUSTER_TOKEN,
      security,
      dataHost: bind ?? local?.bind,
      code: code ?? 'auto',
      connectTimeoutMs: connectTimeoutMs ?? CONNECT_MS_MAX,
      windowTasks: options.windowTasks ?? WINDOW_TASKS,
      payloadBytesMax,
      objectBytesMax,
    },
    context,
  );
}

function localCluster(directory: string) {
  const found = findLocalCluster(directory);
  if (found !== undefined) return found;
  throw new AnantError('E_BACKEND_UNAVAILABLE', `No local cluster runs for ${directory}.`, {
    advice: 'Start one with `npx anant up`, or name the address of a head.',
    retryable: true,
  });
}
