/**
 * The metrics of a head over HTTP, for Prometheus. It only answers GET. With certificates it speaks mutual TLS. Without,
 * it listens on loopback unless a token protects it, and answers only under a host name that is its own: a page in a
 * browser cannot read it through a name that it controls.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { AnantError } from '@anant/core';
import type { Registry } from 'prom-client';
import type { SchedulerReport } from '../../protocol/scheduler/report.js';
import { isLoopback } from '../control/address.js';
import { MUTUAL_TLS, tlsOptions } from '../security/grpc-credentials.js';
import type { NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import { schedulerRegistry } from './scheduler-metrics.js';

export interface ClusterMonitorOptions {
  /** Asked at every scrape. */
  readonly report: () => SchedulerReport;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `Authorization: Bearer …` of every scrape. Required beyond loopback where there are no certificates. */
  readonly token?: string;
  /** Certificates of this node. With them only nodes of its cluster that may read metrics are answered, over TLS. */
  readonly security?: NodeSecurity;
}

/** Nodes that may read metrics, by their certificates. */
const READERS: readonly NodeRole[] = ['monitor', 'driver', 'head'];

/** Connections at one time; more are closed at once. */
const CONNECTIONS_MAX = 64;
const HEADER_BYTES_MAX = 8 * 1024;
/** A request that is not complete by then is closed. */
const REQUEST_MS_MAX = 5_000;
const IDLE_MS_MAX = 15_000;
/** How often requests that are not complete are looked for. */
const CHECK_MS = 1_000;

export class ClusterMonitor {
  readonly address: string;
  readonly #server: Server;
  readonly #forgetCertificates: () => void;

  private constructor(server: Server, address: string, forgetCertificates: () => void) {
    this.#server = server;
    this.address = address;
    this.#forgetCertificates = forgetCertificates;
  }

  /**
   * @throws AnantError `E_CONFIG_INVALID` beyond loopback with neither certificates nor a token;
   * `E_BACKEND_UNAVAILABLE` when the port is taken.
   */
  static async listen(options: ClusterMonitorOptions): Promise<ClusterMonitor> {
    const { host = '127.0.0.1', port, token, report, security } = options;
    if (!isLoopback(host) && token === undefined && security === undefined) {
      throw new AnantError(
        'E_CONFIG_INVALID',
        `Metrics on ${host}, beyond this machine, need certificates or a token.`,
        { advice: 'Give one of them, or listen on 127.0.0.1.' },
      );
    }
    const registry = schedulerRegistry(report);
    const { server, forgetCertificates } = serverFor(security, (request, response) => {
      void answer(request, response, { registry, token, host, security });
    });
    server.maxConnections = CONNECTIONS_MAX;
    server.headersTimeout = REQUEST_MS_MAX;
    server.requestTimeout = REQUEST_MS_MAX;
    server.keepAliveTimeout = IDLE_MS_MAX;
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (cause) {
      const message = `Metrics cannot be served on ${host}:${port}.`;
      throw new AnantError('E_BACKEND_UNAVAILABLE', message, { cause, advice: 'Name another port.' });
    }
    // A connection that cannot be taken, for want of files for example, is the loss of that connection.
    server.on('error', () => {});
    const { port: bound } = server.address() as AddressInfo;
    const scheme = security === undefined ? 'http' : 'https';
    const name = host.includes(':') ? `[${host}]` : host;
    return new ClusterMonitor(server, `${scheme}://${name}:${bound}/metrics`, forgetCertificates);
  }

  async close(): Promise<void> {
    this.#forgetCertificates();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

interface Serving {
  readonly registry: Registry;
  readonly token: string | undefined;
  readonly host: string;
  readonly security: NodeSecurity | undefined;
}

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

function serverFor(security: NodeSecurity | undefined, answering: Answering) {
  const bounds = { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: CHECK_MS };
  if (security === undefined)
    return { server: createServer(bounds, answering), forgetCertificates: () => {} };
  const server = createTlsServer({ ...bounds, ...MUTUAL_TLS, ...tlsOptions(security) }, answering);
  const forgetCertificates = security.onChange(() => server.setSecureContext(tlsOptions(security)));
  return { server, forgetCertificates };
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const [status, text] = await decide(request, serving).catch(
    () => [500, 'The metrics cannot be told.\n'] as const,
  );
  const headers = { 'content-type': serving.registry.contentType, 'x-content-type-options': 'nosniff' };
  response.writeHead(status, status === 200 ? headers : { 'content-type': 'text/plain' }).end(text);
}

async function decide(
  request: IncomingMessage,
  { registry, token, host, security }: Serving,
): Promise<readonly [status: number, text: string]> {
  if (security !== undefined && !mayRead(request, security)) return [403, 'Not for this certificate.\n'];
  if (security === undefined && !isOwnName(request.headers.host ?? '', host))
    return [403, 'Not a name of this server.\n'];
  if (token !== undefined && !isEqual(request.headers.authorization ?? '', `Bearer ${token}`))
    return [401, 'A token is needed.\n'];
  if (request.method !== 'GET') return [405, 'Only GET.\n'];
  if (request.url !== '/metrics') return [404, 'Metrics are at /metrics.\n'];
  return [200, await registry.metrics()];
}

/** The handshake proved that it is of this cluster; whether it is revoked, and of whom, is asked each time. */
function mayRead({ socket }: IncomingMessage, security: NodeSecurity): boolean {
  try {
    const { raw } = (socket as TLSSocket).getPeerCertificate();
    return READERS.includes(security.verify(raw).role);
  } catch {
    return false;
  }
}

/** Under a token any name will do: no page in a browser knows it. */
function isOwnName(header: string, host: string): boolean {
  if (!isLoopback(host)) return true;
  const name = header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isLoopback(name);
}

/** Digests have equal lengths, so the comparison takes the same time whatever was sent. */
function isEqual(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
