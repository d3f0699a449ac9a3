/** `npm run build`: JavaScript, kernels and type declarations of every package. */
import { ensureBuilt, ensureInstalled, ensureNode, ensureTypes } from './lib/ensure.mjs';

ensureNode();
await ensureInstalled();
await ensureBuilt();
await ensureTypes();
