/** Loaded before a program: it has a fault that nothing catches, when it gets SIGUSR2. */
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('SIGUSR2', () => {
    throw new Error('a fault that the test planted');
  });
