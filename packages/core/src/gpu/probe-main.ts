/** The probe as a program: prints one line of JSON and ends. Whatever the native library does, only this process feels it. */
import { tryWebGpu } from './gpu-js.js';

const answer = await tryWebGpu(process.argv[2] ?? '').then(
  (adapter) => ({ adapter }),
  (thrown: unknown) => ({ reason: thrown instanceof Error ? thrown.message : String(thrown) }),
);
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
