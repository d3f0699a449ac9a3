/** The probe as a program: prints one line of JSON and ends. Whatever the native library does, only this process feels it. */
import { openAdapter } from './open-adapter.js';

const answer = await openAdapter(process.argv[2] ?? '').then(
  ({ adapter }) => ({ adapter }),
  (thrown: unknown) => ({ reason: thrown instanceof Error ? thrown.message : String(thrown) }),
);
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
