/** `@anant/backend-native`: Anant's own backend. */
import { NativeBackend } from './embedded/native-backend.js';
import type { NativeOptions } from './embedded/options.js';

export { NativeBackend } from './embedded/native-backend.js';
export type { NativeOptions } from './embedded/options.js';
export { optionsSchema } from './embedded/options.js';

/** The embedded backend: no server, no port. @throws ZodError naming the option that is wrong. */
export function native(options: NativeOptions = {}): NativeBackend {
  return new NativeBackend(options);
}

/** What configuration calls, for every backend package alike. */
export const createBackend = native;
