/** What piscina loads in each thread. A thread serves one session after the other; modules stay imported. */
import { threadId } from 'node:worker_threads';
import { TaskLoader } from '@anant/bridge/host';
import type { SessionStart } from './messages.js';
import { ThreadSession } from './thread-session.js';

const loader = new TaskLoader();
let session: ThreadSession | undefined;

process.on('uncaughtException', (thrown) => {
  if (!session) throw thrown;
  session.escaped(thrown);
});

/** Serves one session; resolves when the main thread closes it. */
export async function runSession(start: SessionStart): Promise<void> {
  session = new ThreadSession(start, loader, threadId);
  await session.closed;
  session = undefined;
}
