/**
 * Reads a journal from end to end in a process of its own: a damaged file can end the process that maps it, and must not
 * end the head. Exits with 0 when all of it can be trusted; says why not on stderr otherwise.
 */
import { decodeEntry } from './entry-codec.js';
import { JournalStore } from './store.js';

try {
  const store = new JournalStore(process.argv[2]!, 'os');
  for (const { where, bytes } of store.read()) decodeEntry(bytes, where);
  await store.close();
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
