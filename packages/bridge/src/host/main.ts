/** The Node host child: runs TypeScript tasks for one slot of a worker, one at a time. See docs/protocol.md section 3. */
import { systemClock } from '@anant/core';
import { Gpu } from '@anant/core/gpu';
import { CallRunner } from './call-runner.js';
import { ControlChannel } from './control-channel.js';
import { parseHostArguments } from './host-arguments.js';
import { HOST_PROTOCOL } from './protocol-version.js';
import { TaskLoader } from './task-loader.js';

const options = parseHostArguments(process.argv.slice(2));
const loader = new TaskLoader();
const gpu = new Gpu();
const log = (line: string): void => {
  process.stderr.write(`anant host child: ${line}\n`);
};

const channel = new ControlChannel(options, (message) => {
  try {
    runner.handle(message);
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    process.kill(process.pid, 'SIGKILL');
  }
});
const runner = new CallRunner({
  clock: systemClock,
  payloadBytesMax: options.payloadBytesMax,
  load: (reference) => loader.load(reference),
  send: (kind, body, buffers) => channel.send(kind, body, buffers),
  poll: () => channel.poll(),
  log,
  gpu: options.gpu === 'kernels' ? (onDevice) => gpu.forUser(onDevice) : undefined,
});
process.on('uncaughtException', (error) => runner.escaped(error));
process.on('unhandledRejection', (reason) => runner.escaped(reason));
channel.send('ready', {
  protocol: HOST_PROTOCOL,
  language: 'node',
  version: process.versions.node,
  pid: process.pid,
});
