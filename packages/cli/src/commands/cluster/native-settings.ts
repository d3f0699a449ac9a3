/** What the configuration says of the native backend, checked as `anant config check` does before anything uses it. */
import { resolve } from 'node:path';
import type { NativeOptions } from '@anant/backend-native';
import { DEFAULT_BACKEND } from '@anant/core';
import { loadBackendFactory, loadConfig, type ResolvedConfig } from '@anant/core/config';

export interface NativeSettings extends Pick<ResolvedConfig, 'directory' | 'python'> {
  /** None of them when the configuration does not mention it. */
  readonly options: NativeOptions;
}

/** @throws AnantError `E_CONFIG_INVALID`, `E_CONFIG_NOT_FOUND` */
export async function loadNativeSettings(file?: string): Promise<NativeSettings> {
  const config = await loadConfig(file === undefined ? {} : { file });
  const { backends, directory, python } = config;
  const section = backends[DEFAULT_BACKEND];
  if (section !== undefined) await loadBackendFactory(DEFAULT_BACKEND, section, config);
  return { options: (section?.options ?? {}) as NativeOptions, directory, python };
}

/** How a worker of this machine runs tasks: as configured, with Python's folders as absolute paths. */
export function workerOptions({ options, python, directory }: NativeSettings, slots: number): NativeOptions {
  const { cluster: _cluster, windowTasks: _window, ...own } = options;
  const executable = own.python?.executable ?? python.executable;
  const folders = [...(own.python?.path ?? []), ...python.path];
  return {
    ...own,
    slots,
    python: {
      ...own.python,
      ...(executable !== undefined && { executable }),
      path: (folders.length > 0 ? folders : ['.']).map((folder) => resolve(directory, folder)),
    },
  };
}
