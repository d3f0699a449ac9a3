/** Where gRPC brokers meet: one bidirectional stream per broker, carrying the frames of the broker protocol. */
import { Metadata, Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { serverCredentials } from '../../cluster/security/grpc-credentials.js';
import { identityGuard } from '../../cluster/security/grpc-guard.js';
import { GRPC_SERVER_OPTIONS } from '../../cluster/security/limits.js';
import { NODE_ROLES } from '../../cluster/security/node-identity.js';
import type { NodeSecurity } from '../../cluster/security/node-security.js';
import { decodeFrame, encodeFrame, type Frame } from '../frame.js';
import { HubRouting, isEndpoint } from '../hub-routing.js';
import { SESSION_QUEUE_MAX } from '../limits.js';
import { checkBind, LOOPBACK } from '../loopback.js';
import { CONNECT_METHOD, ENDPOINT_KEY, insecureServer } from './grpc-method.js';

export interface GrpcHubOptions {
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default 0: a free one */
  readonly port?: number;
  /** Required beyond loopback: mutual TLS. */
  readonly security?: NodeSecurity;
}

type Call = ServerDuplexStream<Buffer, Buffer>;

interface Session {
  readonly call: Call;
  /** Frames that wait because the other end reads slowly. */
  readonly waiting: Buffer[];
}

export class GrpcHub {
  readonly address: string;
  readonly #server: Server;
  readonly #routing = new HubRouting();
  readonly #sessions: Map<string, Session>;

  private constructor(server: Server, address: string, sessions: Map<string, Session>) {
    this.#server = server;
    this.address = address;
    this.#sessions = sessions;
  }

  /** @throws AnantError `E_CONFIG_INVALID` for a host beyond loopback without `security`. */
  static async listen(options: GrpcHubOptions = {}): Promise<GrpcHub> {
    const { host = LOOPBACK, port = 0, security } = options;
    checkBind(host, security ? 'certificates' : 'none');
    const interceptors = security ? [identityGuard(security, { rolesOf: () => NODE_ROLES })] : [];
    const server = new Server({ ...GRPC_SERVER_OPTIONS, interceptors });
    let hub: GrpcHub | undefined;
    server.addService(
      { Connect: CONNECT_METHOD },
      { Connect: (call: Call) => (hub ? hub.#connect(call) : call.destroy()) },
    );
    const credentials = security ? serverCredentials(security) : insecureServer();
    const bound = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`${host}:${port}`, credentials, (error, at) => (error ? reject(error) : resolve(at))),
    );
    hub = new GrpcHub(server, `${host}:${bound}`, new Map());
    return hub;
  }

  /** Frames that nobody was there for. */
  get dropped(): number {
    return this.#routing.undelivered;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #connect(call: Call): void {
    const [endpoint] = call.metadata.get(ENDPOINT_KEY);
    const name = endpoint?.toString() ?? '';
    if (!isEndpoint(name) || this.#sessions.has(name)) {
      refuse(call, status.ALREADY_EXISTS, 'The endpoint is malformed or taken.');
      return;
    }
    try {
      this.#routing.add(name);
    } catch (error) {
      refuse(call, status.RESOURCE_EXHAUSTED, (error as Error).message);
      return;
    }
    const session: Session = { call, waiting: [] };
    this.#sessions.set(name, session);
    const leave = (): void => {
      if (this.#sessions.get(name) !== session) return;
      this.#sessions.delete(name);
      this.#routing.remove(name);
    };
    call.on('data', (bytes: Buffer) => this.#receive(name, bytes));
    call.on('drain', () => flush(session));
    call.on('cancelled', leave);
    call.on('error', leave);
    call.on('end', () => {
      leave();
      call.end();
    });
    // The first bytes tell the broker that it is in.
    call.sendMetadata(new Metadata());
  }

  #receive(name: string, bytes: Buffer): void {
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch {
      return;
    }
    for (const delivery of this.#routing.route(name, frame)) {
      const session = this.#sessions.get(delivery.session);
      if (!session) continue;
      session.waiting.push(encodeFrame(delivery.frame));
      if (session.waiting.length > SESSION_QUEUE_MAX) session.call.destroy(new Error('too slow'));
      else flush(session);
    }
  }
}

function flush({ call, waiting }: Session): void {
  while (waiting.length > 0 && !call.writableNeedDrain && !call.destroyed) call.write(waiting.shift()!);
}

function refuse(call: Call, code: status, details: string): void {
  call.emit('error', { code, details, metadata: new Metadata() });
}
