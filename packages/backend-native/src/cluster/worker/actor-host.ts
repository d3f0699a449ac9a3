/** Actors on this worker: started by the head, called by their driver directly. */
import { AnantError, type CancelRequest, type TaskEnvelope } from '@anant/core';
import { decodeMessage, decodeValue, encodeMessage } from '@anant/core/codec';
import type { NativeBackend } from '../../embedded/native-backend.js';
import { refusedBy } from '../../embedded/outcomes.js';
import type { CodeDesk } from '../code/code-desk.js';
import { DATA_KIND } from '../data/data-message.js';
import type { DataMessage, DataPlane } from '../data/data-plane.js';
import { readPayload } from '../data/task-payload.js';
import type { WorkActorAnswer, WorkStartActor, WorkStopActor } from '../proto/anant/v1/worker.js';
import type { InputDesk } from './input-desk.js';
import type { Reporter } from './reporter.js';
import { type KnownPeer, readTemplate, type SessionTable } from './session-table.js';
import { attemptKey } from './work.js';

/** One call as the driver packs it: [number, id, attempt, actor, method, definition, options, input, buffers]. */
export type PackedCall = readonly [
  number: number,
  id: string,
  attempt: number,
  actor: string,
  method: string,
  definition: string,
  options: string,
  input: Uint8Array,
  buffers: number,
];

export interface ActorHostOptions {
  readonly backend: NativeBackend;
  readonly sessions: SessionTable;
  readonly inputs: InputDesk;
  readonly code: CodeDesk;
  readonly reporter: Reporter;
  readonly plane: DataPlane;
  readonly answer: (answer: WorkActorAnswer) => void;
}

export class ActorHost {
  readonly #options: ActorHostOptions;

  constructor(options: ActorHostOptions) {
    this.#options = options;
  }

  async start({ request, session: peer, actor, template, payload }: WorkStartActor): Promise<void> {
    const { backend, sessions, inputs, code, answer } = this.#options;
    try {
      if (peer === undefined || template === undefined) throw new TypeError('The order is not complete.');
      const session = sessions.add(peer);
      const { definition: wanted, options, code: mode } = readTemplate(template);
      const input = await inputs.gather(readPayload(payload), session);
      const fetch = (id: string) => inputs.fetch(id, session);
      const definition = code.ready(wanted, mode) ?? (await code.bring(wanted, mode, fetch));
      session.actors.add(actor);
      await backend.doActorStart({ id: nameOf(session, actor), definition, input, options });
      answer({ request, code: '', message: '' });
    } catch (thrown) {
      if (peer !== undefined) sessions.find(peer.session)?.actors.delete(actor);
      const { code, message } = AnantError.is(thrown)
        ? thrown
        : { code: 'E_APP_ERROR', message: messageOf(thrown) };
      answer({ request, code, message });
    }
  }

  async stop({ request, session: index, actor }: WorkStopActor): Promise<void> {
    const session = this.#options.sessions.find(index);
    if (session !== undefined) await this.#end(session, actor);
    this.#options.answer({ request, code: '', message: '' });
  }

  /** Ends every actor of a session that is gone. */
  sessionGone(session: KnownPeer): void {
    for (const actor of [...session.actors]) void this.#end(session, actor);
  }

  /** Takes calls from a driver. @throws when the message is malformed */
  call(message: DataMessage): void {
    const { payload, buffers } = message;
    const [address, calls] = decodeMessage(payload) as [string, readonly PackedCall[]];
    this.#options.plane.requireOwner(message, address);
    const session = this.#options.sessions.byAddress(address);
    if (session === undefined) return;
    let taken = 0;
    for (const call of calls) {
      const count = call[8];
      this.#submit(session, call, buffers.slice(taken, taken + count));
      taken += count;
    }
  }

  /** Cancels calls and answers their driver. @throws when the message is malformed */
  cancel(message: DataMessage): void {
    const [address, request, id, attempt, how] = decodeMessage(message.payload) as [
      string,
      number,
      string,
      number,
      CancelRequest['how'],
    ];
    this.#options.plane.requireOwner(message, address);
    const session = this.#options.sessions.byAddress(address);
    if (session === undefined) return;
    void this.#options.backend.doCancel([{ id, attempt, how }]).then(([answer]) => {
      const payload = encodeMessage([request, answer ?? 'unknown-task']);
      this.#options.plane.send(session.address, session.secret, DATA_KIND.actorCancelAnswer, payload);
    });
  }

  #submit(session: KnownPeer, packed: PackedCall, buffers: readonly Uint8Array[]): void {
    const [number, id, attempt, actor, method, definition, options, body] = packed;
    const { backend, reporter } = this.#options;
    const key = attemptKey(id, attempt);
    const call = { session, number };
    if (reporter.calls.has(key)) return;
    if (!session.actors.has(actor)) {
      // Calls come from the driver directly, the order to stop comes by way of the head: it may be faster.
      reporter.endCall(call, {
        status: 'lost',
        reason: `There is no actor "${actor}" (any more).`,
        started: 'no',
      });
      return;
    }
    try {
      const envelope: TaskEnvelope = {
        id,
        attempt,
        definition: JSON.parse(definition) as TaskEnvelope['definition'],
        input: decodeValue(body, buffers),
        references: [],
        options: JSON.parse(options) as TaskEnvelope['options'],
        actor: { actor: nameOf(session, actor), method },
      };
      reporter.calls.set(key, call);
      backend.doSubmit([envelope]);
    } catch (thrown) {
      reporter.calls.delete(key);
      reporter.endCall(call, refusedBy(thrown));
    }
  }

  async #end(session: KnownPeer, actor: string): Promise<void> {
    if (!session.actors.delete(actor)) return;
    await this.#options.backend.doActorStop(nameOf(session, actor));
  }
}

/** Names of different drivers never meet. */
const nameOf = ({ index }: KnownPeer, actor: string): string => `${index}:${actor}`;

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
