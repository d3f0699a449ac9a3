/** How a bridge is reached: started here, or attached to by address. */
import type { CurveKeys } from '../wire/bridge-socket.js';

/** A bridge process of one's own, ended with the session. */
export interface SpawnLaunch {
  readonly how: 'spawn';
  readonly python: string;
  /** Folders put first on the import path of the bridge. */
  readonly importPath: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A bridge that somebody else runs. */
export interface AttachLaunch {
  readonly how: 'attach';
  /** `tcp://host:port` */
  readonly address: string;
  readonly token: string;
  readonly curve?: CurveKeys;
}

export type Launch = SpawnLaunch | AttachLaunch;

const LOOPBACK = /^tcp:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/;

/** Whether the bridge may be on this machine, so that files can be shared with it. */
export function isLocal(launch: Launch): boolean {
  return launch.how === 'spawn' || LOOPBACK.test(launch.address);
}
