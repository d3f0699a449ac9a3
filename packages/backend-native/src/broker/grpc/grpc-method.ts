/** The one method of gRPC brokers. Its messages are frames of the broker protocol, so nothing is generated for them. */
import { ServerCredentials } from '@grpc/grpc-js';

export const ENDPOINT_KEY = 'anant-endpoint';

const bytes = (value: Buffer): Buffer => value;

export const CONNECT_METHOD = {
  path: '/anant.broker.Broker/Connect',
  requestStream: true,
  responseStream: true,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const;

/** For loopback only; hubs check that. */
export const insecureServer = (): ServerCredentials => ServerCredentials.createInsecure();
