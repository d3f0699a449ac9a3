/** A worker whose head is gone: there is nobody to hand its work to, so it does not wait for one when it is told to go. */
import { Head, WorkerNode } from '@anant/backend-native/cluster';
import { silentLogger } from '@anant/core';
import { it } from 'vitest';

it('goes at once without a head and without tasks', async () => {
  const head = new Head({ port: 0, epoch: 1, token: 'secret' });
  const port = await head.start();
  let onLost: () => void = () => {};
  const lost = new Promise<void>((resolve) => {
    onLost = resolve;
  });
  const node = await new Promise<WorkerNode>((resolve, reject) => {
    const started = WorkerNode.start({
      head: `127.0.0.1:${port}`,
      token: 'secret',
      native: { slots: 1 },
      logger: {
        ...silentLogger,
        warn: (message) => {
          if (message.startsWith('Could not join')) onLost();
        },
      },
      onJoined: () => resolve(started),
      onOver: (reason) => reject(new Error(reason)),
    });
    started.catch(reject);
  });
  await head.close('The test ends it.');
  await lost;
  // Longer than the test may take: it fails when anything waits for the head's word.
  await node.drain(3_600_000);
});
