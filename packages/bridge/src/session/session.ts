/**
 * One session with the bridge, without IO: inputs and the time go in, effects come out. It begins with `hello`,
 * lives on one connection and ends once; whatever was open then ends with it.
 */

import type { TaskEvent } from '@anant/core';
import { ValueReader } from '../wire/encoded-value.js';
import type { Message } from '../wire/message.js';
import { AttemptTable } from './attempt-table.js';
import { CallTable } from './call-table.js';
import type { CallReply, SessionEffect, SessionEnd } from './effect.js';
import { type Hello, helloBody, readRefusal, readWelcome, versionProblem } from './handshake.js';
import { CALL_MS_MAX, PING_EVERY_MS, SILENCE_MS_MAX, STALL_MS_MIN, STRIKES_MAX } from './limits.js';
import { readCount, readList, readText, readWord } from './read-body.js';
import type { SessionTask, WireDefinition } from './session-task.js';
import { buildSubmissions } from './submission.js';

export type SessionPhase = 'new' | 'handshake' | 'ready' | 'stopping' | 'over';

export interface ReceivedMessage extends Message {
  readonly buffers: readonly Uint8Array[];
}

export type SessionInput =
  | { readonly type: 'start' }
  | { readonly type: 'message'; readonly message: ReceivedMessage }
  | { readonly type: 'malformed'; readonly problem: string }
  | { readonly type: 'submit'; readonly tasks: readonly SessionTask[] }
  | {
      readonly type: 'call';
      readonly call: number;
      readonly kind: keyof typeof CALL_MS_MAX;
      readonly body: Readonly<Record<string, unknown>>;
      readonly buffers: readonly Uint8Array[];
    }
  | { readonly type: 'credit'; readonly grants: readonly (readonly [string, number, number])[] }
  | { readonly type: 'stop'; readonly graceMs: number }
  /** Time has passed; expected several times a second. */
  | { readonly type: 'tick' }
  /** The connection or the process behind it is gone. */
  | { readonly type: 'gone'; readonly end: SessionEnd };

export interface SessionOptions {
  readonly backend: string;
  readonly hello: Hello;
  /** Longest time from start to welcome. */
  readonly startTimeoutMs: number;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const STATES = ['ready', 'degraded', 'down'] as const;

export class Session {
  readonly #options: SessionOptions;
  readonly #attempts: AttemptTable;
  readonly #calls = new CallTable();
  readonly #blobs = new Set<string>();
  #phase: SessionPhase = 'new';
  #epoch = 0;
  #startMs = 0;
  #heardMs = 0;
  #tickMs = 0;
  #pingMs = 0;
  #pings = 0;
  #strikes = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#attempts = new AttemptTable(options.backend);
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  get openAttempts(): number {
    return this.#attempts.size;
  }

  /** @param nowMs monotonic milliseconds; must not go back. */
  step(input: SessionInput, nowMs: number): readonly SessionEffect[] {
    if (this.#phase === 'over') return this.#afterEnd(input);
    switch (input.type) {
      case 'start':
        return this.#start(nowMs);
      case 'message':
        return this.#receive(input.message, nowMs);
      case 'malformed':
        return this.#strike(input.problem);
      case 'submit':
        return this.#submit(input.tasks);
      case 'call':
        this.#calls.add(input.call, input.kind, nowMs + CALL_MS_MAX[input.kind]);
        return [send(input.kind, { call: input.call, ...input.body }, input.buffers)];
      case 'credit':
        return [
          send('credit', { grants: input.grants.filter(([id, attempt]) => this.#attempts.has(id, attempt)) }),
        ];
      case 'stop':
        this.#phase = 'stopping';
        return [send('stop', { grace_ms: input.graceMs })];
      case 'tick':
        return this.#tick(nowMs);
      case 'gone':
        return this.#finish(input.end);
    }
  }

  #start(nowMs: number): SessionEffect[] {
    this.#phase = 'handshake';
    this.#startMs = nowMs;
    this.#heardMs = nowMs;
    this.#tickMs = nowMs;
    return [send('hello', helloBody(this.#options.hello))];
  }

  #receive(message: ReceivedMessage, nowMs: number): readonly SessionEffect[] {
    this.#heardMs = nowMs;
    try {
      return this.#phase === 'handshake' ? this.#shakeHands(message, nowMs) : this.#handle(message);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return this.#strike(`"${message.kind}": ${error.message}`);
    }
  }

  #shakeHands({ kind, body }: ReceivedMessage, nowMs: number): readonly SessionEffect[] {
    switch (kind) {
      case 'refused':
        return this.#finish(readRefusal(body));
      case 'welcome': {
        const problem = versionProblem(body);
        if (problem) return this.#finish(problem);
        const welcome = readWelcome(body);
        this.#phase = 'ready';
        this.#epoch = welcome.epoch;
        this.#pingMs = nowMs;
        return [{ type: 'welcome', welcome }];
      }
      case 'log':
        return [readLog(body)];
      // The bridge may ping while its engine starts.
      case 'ping':
        return [send('pong', { seq: body.seq })];
      default:
        throw new TypeError('it came before the welcome.');
    }
  }

  #handle(message: ReceivedMessage): readonly SessionEffect[] {
    const { kind, body } = message;
    switch (kind) {
      case 'events':
        return this.#events(message);
      case 'reply':
        return this.#reply(message);
      case 'ping':
        return [send('pong', { seq: body.seq })];
      case 'pong':
        return [];
      case 'log':
        return [readLog(body)];
      case 'error':
        return [{ type: 'log', level: 'warn', message: `The bridge complains: ${String(body.message)}` }];
      case 'stopped':
        return this.#finish(STOPPED);
      default:
        throw new TypeError('this kind of message is unknown.');
    }
  }

  #events({ body, buffers }: ReceivedMessage): readonly SessionEffect[] {
    if (body.epoch !== this.#epoch) return [];
    const values = new ValueReader(buffers);
    const events: TaskEvent[] = [];
    const effects: SessionEffect[] = [{ type: 'emit', events }];
    try {
      for (const item of readList(body, 'events')) {
        if (Array.isArray(item) && item[0] === 'state') {
          effects.push({ type: 'state', state: readWord(item[1], STATES, 'state'), reason: String(item[2]) });
          continue;
        }
        const event = this.#attempts.apply(item, values);
        if (event) events.push(event);
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // What follows in the message cannot be read, so open attempts may have ended unheard.
      const message = `The bridge broke the protocol: "events": ${error.message}`;
      effects.push(...this.#finish({ code: 'E_PROTOCOL', message, isFinal: false }));
    }
    return events.length > 0 ? effects : effects.slice(1);
  }

  #reply({ body, buffers }: ReceivedMessage): readonly SessionEffect[] {
    const call = readCount(body, 'call');
    const kind = this.#calls.close(call);
    if (kind === undefined) return [];
    return [{ type: 'settle', call, reply: readReply(kind, body, buffers) }];
  }

  #submit(tasks: readonly SessionTask[]): readonly SessionEffect[] {
    const replaced: TaskEvent[] = [];
    const blobs: SessionEffect[] = [];
    const fresh = tasks.filter(({ id, attempt, definition }) => {
      const older = this.#attempts.replace(id, attempt);
      if (older) replaced.push(older);
      if (!this.#attempts.add(id, attempt)) return false;
      blobs.push(...this.#newBlob(definition));
      return true;
    });
    const told: SessionEffect[] = replaced.length > 0 ? [{ type: 'emit', events: replaced }] : [];
    return [...told, ...blobs, ...buildSubmissions(fresh)];
  }

  #newBlob({ blob }: WireDefinition): SessionEffect[] {
    if (!blob || this.#blobs.has(blob.sha256)) return [];
    this.#blobs.add(blob.sha256);
    return [send('blob', { sha256: blob.sha256 }, [blob.bytes])];
  }

  #tick(nowMs: number): readonly SessionEffect[] {
    const sinceTickMs = nowMs - this.#tickMs;
    this.#tickMs = nowMs;
    // While this process stood still it could not hear anything.
    if (sinceTickMs >= STALL_MS_MIN) this.#heardMs = nowMs;
    const effects = this.#calls.expire(nowMs);
    if (this.#phase === 'handshake') {
      if (nowMs - this.#startMs < this.#options.startTimeoutMs) return effects;
      return [...effects, ...this.#finish(notWelcomed(this.#options.startTimeoutMs))];
    }
    if (nowMs - this.#heardMs >= SILENCE_MS_MAX) return [...effects, ...this.#finish(SILENT)];
    if (nowMs - this.#pingMs >= PING_EVERY_MS) {
      this.#pingMs = nowMs;
      this.#pings += 1;
      effects.push(send('ping', { seq: this.#pings }));
    }
    return effects;
  }

  #strike(problem: string): readonly SessionEffect[] {
    this.#strikes += 1;
    const message = `The bridge broke the protocol: ${problem}`;
    const effects: SessionEffect[] = [
      { type: 'log', level: 'error', message },
      send('error', { message: problem }),
    ];
    if (this.#strikes < STRIKES_MAX) return effects;
    return [...effects, ...this.#finish({ code: 'E_PROTOCOL', message, isFinal: false })];
  }

  #finish(end: SessionEnd): readonly SessionEffect[] {
    this.#phase = 'over';
    const events = this.#attempts.loseAll(end.message);
    const { code, message } = end;
    const reply: CallReply = { error: { code, message } };
    const settled = this.#calls.settleAll(reply);
    return [
      ...(events.length > 0 ? [{ type: 'emit', events } as const] : []),
      ...settled,
      { type: 'over', end },
    ];
  }

  #afterEnd(input: SessionInput): readonly SessionEffect[] {
    const message = 'The session with the bridge is over.';
    if (input.type === 'call') {
      return [{ type: 'settle', call: input.call, reply: { error: { code: 'E_BRIDGE_EXITED', message } } }];
    }
    if (input.type !== 'submit') return [];
    const events = input.tasks.map(({ id, attempt }) => {
      const outcome = { status: 'lost', reason: message, started: 'no' } as const;
      return { type: 'task-end', id, attempt, outcome } as const;
    });
    return [{ type: 'emit', events }];
  }
}

const STOPPED: SessionEnd = {
  code: 'E_BACKEND_CLOSED',
  message: 'The backend was stopped before the task ended.',
  isFinal: true,
};
const SILENT: SessionEnd = {
  code: 'E_BRIDGE_EXITED',
  message: `The bridge was silent for ${SILENCE_MS_MAX / 1000} seconds.`,
  isFinal: false,
};

function notWelcomed(timeoutMs: number): SessionEnd {
  return {
    code: 'E_BACKEND_UNAVAILABLE',
    message: `The bridge did not finish its start within ${timeoutMs} ms.`,
    advice: 'Raise startTimeoutMs if the engine is slow to start, and look at the log of the bridge.',
    isFinal: false,
  };
}

function send(
  kind: string,
  body: Readonly<Record<string, unknown>>,
  buffers: readonly Uint8Array[] = [],
): SessionEffect & { type: 'send' } {
  return { type: 'send', kind, body, buffers };
}

function readLog(body: Readonly<Record<string, unknown>>): SessionEffect {
  const fields = body.fields;
  return {
    type: 'log',
    level: readWord(body.level, LEVELS, 'log level'),
    message: readText(body, 'message'),
    ...(typeof fields === 'object' && fields !== null && { fields: fields as Record<string, unknown> }),
  };
}

function readReply(
  kind: string,
  body: Readonly<Record<string, unknown>>,
  buffers: readonly Uint8Array[],
): CallReply {
  const error = body.error as { code?: unknown; message?: unknown; advice?: unknown } | null | undefined;
  if (error !== null && error !== undefined) {
    return {
      error: {
        code: String(error.code),
        message: String(error.message),
        ...(typeof error.advice === 'string' && error.advice && { advice: error.advice }),
      },
    };
  }
  if (kind === 'get') return { ok: true, value: new ValueReader(buffers).take(body.ok) };
  return { ok: body.ok };
}
