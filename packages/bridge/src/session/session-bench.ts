/** A session driven step by step, for its tests. */
import type { TaskEvent } from '@anant/core';
import { encodeValue } from '@anant/core/codec';
import type { SessionEffect } from './effect.js';
import { PROTOCOL } from './limits.js';
import { Session, type SessionInput } from './session.js';
import type { SessionTask, WireDefinition } from './session-task.js';

export const EPOCH = 7;
export const START_MS_MAX = 10_000;
export const WELCOME = {
  protocol: PROTOCOL,
  epoch: EPOCH,
  engine: 'local',
  versions: { python: '3.11.7' },
  slots: 2,
  window: 100,
  payload_max: 1000,
  shared: true,
  details: {},
};
export const definition: WireDefinition = {
  reference: { kind: 'python', name: 'f', target: 'm:f', version: '' },
};

export function task(id: string, attempt = 1, overrides: Partial<SessionTask> = {}): SessionTask {
  return { id, attempt, definition, value: encodeValue(id), references: [], options: null, ...overrides };
}

export const message = (kind: string, body: object, buffers: Uint8Array[] = []): SessionInput => ({
  type: 'message',
  message: { kind, body: body as Record<string, unknown>, buffers },
});
export const events = (...list: unknown[]): SessionInput => message('events', { epoch: EPOCH, events: list });
export const okEnd = (id: string, attempt = 1): unknown[] => [
  'end',
  id,
  attempt,
  'ok',
  [encodeValue(id).body, 0],
  null,
];

/** A session and everything it wanted done. */
export class Bench {
  readonly session = new Session({
    backend: 'test',
    startTimeoutMs: START_MS_MAX,
    hello: {
      session: 's',
      token: null,
      client: 'test',
      sharedDir: null,
      probe: null,
      engine: 'local',
      options: {},
      node: { exec: 'node', host: 'main.js' },
      pythonPath: [],
    },
  });
  readonly effects: SessionEffect[] = [];
  nowMs = 0;

  step(input: SessionInput): readonly SessionEffect[] {
    const effects = this.session.step(input, this.nowMs);
    this.effects.push(...effects);
    return effects;
  }

  /** Lets time pass with regular ticks. */
  wait(ms: number): readonly SessionEffect[] {
    const from = this.effects.length;
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += 250;
      this.step({ type: 'tick' });
    }
    return this.effects.slice(from);
  }

  get emitted(): TaskEvent[] {
    return this.effects.flatMap((effect) => (effect.type === 'emit' ? effect.events : []));
  }

  sent(kind: string): Extract<SessionEffect, { type: 'send' }>[] {
    return this.effects.filter((effect) => effect.type === 'send').filter((effect) => effect.kind === kind);
  }

  get over() {
    return this.effects.find((effect) => effect.type === 'over')?.end;
  }
}

export function ready(): Bench {
  const bench = new Bench();
  bench.step({ type: 'start' });
  bench.step(message('welcome', WELCOME));
  return bench;
}
