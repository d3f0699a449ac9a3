/** How an adapter reaches its bridge, from what the user said: attach by address, or start one with a Python that fits. */

import type { Launch } from '../connection/launch.js';
import { probeEngine, requireUsable } from '../setup/probe-engine.js';
import { pythonImportPath } from '../setup/python-source.js';
import type { CurveKeys } from '../wire/bridge-socket.js';

export interface LaunchOptions {
  readonly engine: string;
  /** Python executable. @default ANANT_PYTHON, then the environment made by `anant setup`, then `python3` */
  readonly python?: string | undefined;
  /** Folder where the search for `.anant` begins. @default the current folder */
  readonly directory?: string | undefined;
  /** Environment variables of the bridge process, over this process's own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A bridge somebody else runs. */
  readonly attach?:
    | { readonly address: string; readonly token: string; readonly curve?: CurveKeys | undefined }
    | undefined;
}

/** @throws AnantError `E_PYTHON_VERSION` or `E_ENGINE_NOT_INSTALLED` with the command that fixes it */
export async function planLaunch(options: LaunchOptions): Promise<Launch> {
  const { attach } = options;
  if (attach) {
    const { address, token, curve } = attach;
    return { how: 'attach', address, token, ...(curve && { curve }) };
  }
  const probe = await probeEngine({ ...options, env: { ...process.env, ...options.env } });
  requireUsable(probe);
  return {
    how: 'spawn',
    python: probe.python.executable,
    // The Python half that came with this package, so that the two halves always fit.
    importPath: [pythonImportPath()],
    env: options.env ?? {},
    cwd: process.cwd(),
  };
}
