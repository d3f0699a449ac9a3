/** `connect`: makes a client. */
import { randomBytes } from 'node:crypto';
import { type Random, silentLogger, systemClock } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import { ActorDesk } from './actor/actor-desk.js';
import { AnantClient } from './anant-client.js';
import { BackendLane } from './backend/backend-lane.js';
import { RouteTable } from './backend/route-table.js';
import { EventHub } from './event-hub.js';
import { KeepAlive } from './keep-alive.js';
import { resolveLimits } from './limits.js';
import { ObjectDesk } from './object/object-desk.js';
import { checkOptions } from './submit/check-options.js';
import { PlanCache } from './submit/plan-cache.js';
import { Dispatcher } from './task/dispatcher.js';
import type { Client, ConnectOptions } from './types/index.js';

/**
 * Makes a client. Nothing starts yet: a backend starts when the first task is routed to it.
 * @throws AnantError `E_CONFIG_INVALID`, `E_BACKEND_SPEC`, `E_TASK_INVALID` for wrong default options
 */
export function connect(options: ConnectOptions): Client {
  const { clock = systemClock, random = Math.random, logger = silentLogger, defaults = {} } = options;
  const limits = resolveLimits(options.limits);
  checkOptions(defaults, 'defaults');
  const hub = new EventHub();
  const nextId = idSource(options.random);
  const dispatcher = new Dispatcher({
    clock,
    random,
    logger,
    limits,
    rates: options.limits ?? {},
    hub,
    nextId,
    keepAlive: clock === systemClock ? new KeepAlive() : undefined,
  });
  const lanes = new Map<string, BackendLane>();
  for (const [id, source] of Object.entries(options.backends)) {
    lanes.set(id, new BackendLane(id, source, dispatcher));
  }
  if (lanes.size === 0) {
    throw new AnantError('E_CONFIG_INVALID', 'A client needs at least one backend.', {
      advice: 'Pass { backends: { native: nativeBackend() } }.',
      details: { path: 'backends' },
    });
  }
  const { workloads, forbid } = options;
  const routes = new RouteTable(lanes, clock, { ...(workloads && { workloads }), ...(forbid && { forbid }) });
  const objects = new ObjectDesk(lanes, clock, nextId);
  dispatcher.attach(routes, objects);
  const plans = new PlanCache(routes, defaults, clock);
  const actors = new ActorDesk({ dispatcher, plans, nextId });
  return new AnantClient({ dispatcher, lanes, routes, plans, objects, actors, hub, defaults, nextId });
}

const ID_PREFIX_CHARACTERS = 10;
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ids unique to this client: 50 random bits, then a count. */
function idSource(random: Random | undefined): () => string {
  const bytes = random === undefined ? randomBytes(ID_PREFIX_CHARACTERS) : undefined;
  let prefix = '';
  for (let index = 0; index < ID_PREFIX_CHARACTERS; index++) {
    const draw = bytes?.[index] ?? Math.floor(random!() * ID_ALPHABET.length);
    prefix += ID_ALPHABET[draw % ID_ALPHABET.length];
  }
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}
