/** All 16 cells: four patterns on four transports, one suite. */
import {
  GrpcHub,
  GrpcTransport,
  MemoryHub,
  MemoryTransport,
  RedisTransport,
  ZeroMqHub,
  ZeroMqTransport,
} from '@anant/backend-native/broker';
import { RedisServer } from '../support/redis-server.js';
import { brokerCells } from './cells.js';

brokerCells('memory', async () => {
  const hub = new MemoryHub();
  return { transport: () => new MemoryTransport(hub), close: async () => {} };
});

brokerCells('zeromq', async () => {
  const hub = await ZeroMqHub.listen();
  return {
    transport: () => new ZeroMqTransport({ address: hub.address }),
    close: async () => hub.close(),
  };
});

brokerCells('grpc', async () => {
  const hub = await GrpcHub.listen();
  return {
    transport: () => new GrpcTransport({ address: hub.address }),
    close: async () => hub.close(),
  };
});

brokerCells('redis', async () => {
  const server = await RedisServer.start();
  return {
    transport: () => new RedisTransport({ urls: [server.url], idleMs: 500 }),
    close: () => server.stop(),
  };
});
