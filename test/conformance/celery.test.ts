/** Celery on a private Redis, started here by the adapter. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { celery } from '@anant/backend-celery';
import { engineConformance } from './support/engine.js';
import { celeryApart } from './support/engines-apart.js';
import { newestDescendant } from './support/processes.js';

const SCRIPT = fileURLToPath(new URL('./support/redeliver.py', import.meta.url));
const SOCKET = /redis-server unixsocket:(\S+)/;

engineConformance('celery', {
  package: '@anant/backend-celery',
  factory: 'celery',
  create: celery,
  unreachable: 'redis://127.0.0.1:1/0',
  faults: {
    startApart: () => celeryApart(celery),
    async redeliver() {
      const socket = SOCKET.exec(newestDescendant(SOCKET).command)![1]!;
      const { stdout } = await promisify(execFile)(process.env.ANANT_PYTHON!, [
        SCRIPT,
        `unix://${socket}?db=0`,
      ]);
      if (Number(stdout) < 1) throw new Error('There was no message to deliver again.');
    },
  },
});
