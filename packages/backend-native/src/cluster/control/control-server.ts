/** The gRPC server of a head: limits, health and reflection, and nobody in who does not know the token. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AnantError } from '@anant/core';
import {
  type ConnectionInjector,
  type handleServerStreamingCall,
  Server,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import {
  KEEPALIVE_EVERY_MS,
  KEEPALIVE_MS_MAX,
  MESSAGE_BYTES_MAX,
  SESSION_MEMORY_MB_MAX,
  STREAMS_MAX,
} from '../limits.js';
import { identityGuard } from '../security/grpc-guard.js';
import { CONNECTION_AGE_MS_MAX, CONNECTION_GRACE_MS } from '../security/limits.js';
import { NODE_ROLES, type NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import { ConnectionGate } from './connection-gate.js';
import { GatedListener } from './gated-listener.js';
import { judgeHttp2, judgeTls } from './greeting.js';
import { type ClusterToken, isAdmitted, listenCredentials } from './security.js';

/** A connection on which nothing was asked for so long is closed. */
const IDLE_MS_MAX = 60_000;

export interface ControlServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: ClusterToken;
  readonly security: NodeSecurity | undefined;
}

export interface ControlService {
  /** With its package, such as `anant.v1.WorkerService`. */
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly handlers: object;
  /** Who may call it, in a cluster with certificates. */
  readonly roles: readonly NodeRole[];
}

export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #server: Server;
  readonly #health = new HealthImplementation();
  readonly #roles = new Map<string, readonly NodeRole[]>();
  readonly #gate = new ConnectionGate();
  #listener: GatedListener | undefined;
  #injector: ConnectionInjector | undefined;
  #isClosed = false;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    const { security } = options;
    // Certificates are looked at when a connection is made, so no connection lives for ever.
    const age = security && {
      'grpc.max_connection_age_ms': CONNECTION_AGE_MS_MAX,
      'grpc.max_connection_age_grace_ms': CONNECTION_GRACE_MS,
    };
    const rolesOf = (path: string) => this.#roles.get(path.split('/')[1] ?? '') ?? NODE_ROLES;
    this.#server = new Server({
      ...age,
      ...(security && { interceptors: [identityGuard(security, { rolesOf })] }),
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_concurrent_streams': STREAMS_MAX,
      'grpc-node.max_session_memory': SESSION_MEMORY_MB_MAX,
      'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_MS_MAX,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.max_connection_idle_ms': IDLE_MS_MAX,
    });
    this.#health.addToServer(this.#server);
    const image = readFileSync(join(packageFolder(), 'proto', 'anant-v1.binpb'));
    new ReflectionService(loadFileDescriptorSetFromBuffer(image)).addToServer(this.#server);
  }

  /** Adds a service; every call of it must show the token, and come from one of its roles. */
  add({ name, definition, handlers, roles }: ControlService): void {
    this.#roles.set(name, roles);
    const guarded = Object.entries(handlers).map(([method, handler]) => [method, this.#guard(handler)]);
    this.#server.addService(definition, Object.fromEntries(guarded) as UntypedServiceImplementation);
    this.#health.setStatus(name, 'SERVING');
  }

  /** @returns the port it listens on. @throws AnantError, also when it was closed meanwhile */
  async listen(): Promise<number> {
    const { host, port, security } = this.#options;
    if (this.#isClosed) throw cannotListen(host, port, new Error('It was closed before it listened.'));
    const injector = this.#server.createConnectionInjector(listenCredentials(host, security));
    this.#injector = injector;
    this.#listener = new GatedListener({
      gate: this.#gate,
      judge: security === undefined ? judgeHttp2 : judgeTls,
      take: (socket) => injector.injectConnection(socket),
    });
    this.#health.setStatus('', 'SERVING');
    try {
      return await this.#listener.listen({ host, port });
    } catch (error) {
      throw cannotListen(host, port, error as Error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#health.setStatus('', 'NOT_SERVING');
    this.#injector?.destroy();
    this.#server.forceShutdown();
    this.#listener?.close();
  }

  #guard(handler: (call: GuardedCall, callback?: GuardedCallback) => void): unknown {
    const { token } = this.#options;
    // gRPC tells unary from streaming handlers by the definition, not by their arity.
    return (call: GuardedCall, callback?: GuardedCallback) => {
      if (isAdmitted(call.metadata, token)) {
        this.#gate.proved(call.getPeer());
        handler(call, callback);
        return;
      }
      const details = 'The token is missing or not that of this cluster.';
      const refusal = { code: status.UNAUTHENTICATED, details, name: 'Error', message: details };
      if (callback) callback(refusal);
      else call.emit('error', refusal);
    };
  }
}

type GuardedCall = Parameters<handleServerStreamingCall<unknown, unknown>>[0];
type GuardedCallback = (error: object) => void;

function cannotListen(host: string, port: number, cause: Error): AnantError {
  return new AnantError(
    'E_BACKEND_UNAVAILABLE',
    `The head cannot listen on ${host}:${port}: ${cause.message}`,
    {
      cause,
      advice: 'Choose another port, or end what uses this one.',
    },
  );
}

/** The package's own folder, wherever its code was bundled to. */
function packageFolder(): string {
  const entry = createRequire(import.meta.url).resolve('@anant/backend-native/thread-main');
  return dirname(dirname(dirname(dirname(entry))));
}
