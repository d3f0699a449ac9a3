/** Before packing: puts the licence beside the package, where npm looks for it. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/steps.mjs';

for (const file of ['LICENSE', 'NOTICE']) copyFileSync(join(root, file), join(process.cwd(), file));
