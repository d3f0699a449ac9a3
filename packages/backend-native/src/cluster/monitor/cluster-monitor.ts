/**
 * The metrics of a head over HTTP, for Prometheus. It only answers GET, on loopback unless a token protects it, and
 * only under a host name that is its own: a page in a browser cannot read it through a name that it controls.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnantError } from '@anant/core';
import type { Registry } from 'prom-client';
import type { SchedulerReport } from '../../protocol/scheduler/report.js';
import { isLoopback } from '../control/address.js';
import { schedulerRegistry } from './scheduler-metrics.js';

export interface ClusterMonitorOptions {
  /** Asked at every scrape. */
  readonly report: () => SchedulerReport;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Required beyond loopback: `Authorization: Bearer …` of every scrape. */
  readonly token?: string;
}

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

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** @throws AnantError `E_CONFIG_INVALID` beyond loopback without a token; `E_BACKEND_UNAVAILABLE` when the port is taken. */
  static async listen(options: ClusterMonitorOptions): Promise<ClusterMonitor> {
    const { host = '127.0.0.1', port, token, report } = options;
    if (!isLoopback(host) && token === undefined) {
      throw new AnantError('E_CONFIG_INVALID', `Metrics on ${host}, beyond this machine, need a token.`, {
        advice: 'Give one, or listen on 127.0.0.1.',
      });
    }
    const registry = schedulerRegistry(report);
    const server = createServer(
      { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: CHECK_MS },
      (request, response) => {
        void answer(request, response, { registry, token, host });
      },
    );
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
    const { port: bound } = server.address() as AddressInfo;
    return new ClusterMonitor(server, `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

interface Serving {
  readonly registry: Registry;
  readonly token: string | undefined;
  readonly host: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const [status, text] = await decide(request, serving);
  const headers = { 'content-type': serving.registry.contentType, 'x-content-type-options': 'nosniff' };
  response.writeHead(status, status === 200 ? headers : { 'content-type': 'text/plain' }).end(text);
}

async function decide(
  request: IncomingMessage,
  { registry, token, host }: Serving,
): Promise<readonly [status: number, text: string]> {
  if (!isOwnName(request.headers.host ?? '', host)) return [403, 'Not a name of this server.\n'];
  if (token !== undefined && !isEqual(request.headers.authorization ?? '', `Bearer ${token}`))
    return [401, 'A token is needed.\n'];
  if (request.method !== 'GET') return [405, 'Only GET.\n'];
  if (request.url !== '/metrics') return [404, 'Metrics are at /metrics.\n'];
  return [200, await registry.metrics()];
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
