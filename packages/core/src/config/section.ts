/** What an entry of `backends` can be. */
import type { BackendV1 } from '../contract/index.js';
import { BUILT_IN_PACKAGES } from './backend-module.js';
import type { PackagedBackend } from './types.js';

/** Anything that says it follows some version of the contract; whether it is ours is checked on loading. */
export const isBackend = (section: object): section is BackendV1 =>
  'spec' in section && 'doSubmit' in section && 'manifest' in section;

export const isPackaged = (section: object): section is PackagedBackend =>
  'package' in section && !isBackend(section);

export const builtInPackage = (name: string): string | undefined =>
  Object.hasOwn(BUILT_IN_PACKAGES, name)
    ? BUILT_IN_PACKAGES[name as keyof typeof BUILT_IN_PACKAGES]
    : undefined;
