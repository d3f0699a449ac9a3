/** The drivers' side of a head: their streams in, the scheduler's effects about their tasks out. */
import { AnantError } from '@anant/core';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { SchedulerEffect, SequencedEnd } from '../../protocol/scheduler/effect.js';
import type { TaskSpec } from '../../protocol/scheduler/task-spec.js';
import { encodeDetail, statusNumber } from '../control/end-status.js';
import { Flusher } from '../control/flusher.js';
import { MessageStream } from '../control/message-stream.js';
import { INTRODUCTION_MS_MAX, PROTOCOL } from '../limits.js';
import type {
  CancelBatch,
  End,
  OpenSession,
  SessionRequest,
  SessionResponse,
  SubmitBatch,
} from '../proto/anant/v1/scheduler.js';
import { closedMessage } from './closed-message.js';
import type { HeadContext } from './head-context.js';
import type { SessionLink } from './head-link.js';
import { decodeLink, encodeLink, sessionKey } from './link-record.js';
import { type KnownTemplate, SessionTemplates } from './template-table.js';

type Call = ServerDuplexStream<SessionRequest, SessionResponse>;

/** What the head writes before a payload: session and template. */
export const PREFIX_BYTES = 8;
/** Bytes of an end on the wire, about. */
const END_BYTES = 96;

export class SessionHub {
  readonly #context: HeadContext;
  readonly links = new Map<string, SessionLink>();
  readonly #byIndex = new Map<number, SessionLink>();
  readonly #dirty = new Set<SessionLink>();
  readonly #flusher = new Flusher(() => this.#flushAll());
  #count = 0;

  constructor(context: HeadContext) {
    this.#context = context;
  }

  /** The session a worker knows by this number. */
  byIndex(index: number): SessionLink | undefined {
    return this.#byIndex.get(index);
  }

  readonly handle = (call: Call): void => {
    let link: SessionLink | undefined;
    const stream = new MessageStream<SessionResponse>(call, () => call.destroy());
    const refuse = (error: unknown) => {
      const { code, message } = AnantError.is(error)
        ? error
        : { code: 'E_PROTOCOL', message: `The session broke the protocol: ${String(error)}` };
      stream.write({ message: closedMessage(code, message) });
      stream.end();
    };
    const timer = setTimeout(
      () => refuse(new AnantError('E_PROTOCOL', 'The session did not introduce itself.')),
      INTRODUCTION_MS_MAX,
    );
    call.on('data', ({ message }: SessionRequest) => {
      if (stream.isOver) return;
      try {
        if (link !== undefined) this.#receive(link, message);
        else {
          clearTimeout(timer);
          if (message?.$case !== 'open') throw new TypeError('it did not introduce itself first');
          link = this.#open(message.value, stream, call);
        }
      } catch (error) {
        refuse(error);
      }
    });
    const over = () => {
      clearTimeout(timer);
      stream.drop();
      if (link?.stream === stream) this.#disconnected(link);
    };
    call.on('end', () => {
      over();
      call.end();
    });
    call.on('error', over);
    call.on('close', over);
  };

  perform(effect: SchedulerEffect): void {
    switch (effect.type) {
      case 'session-state':
        this.#state(effect.session, effect.state);
        break;
      case 'acknowledge':
        this.#acknowledge(effect.session, effect.tasks.length);
        break;
      case 'refuse':
        this.#refuse(effect);
        break;
      case 'end':
        this.#ends(effect.session, effect.ends);
        break;
      case 'cancel-answer': {
        const answers = effect.answers.map(({ request, answer }) => ({ request, answer }));
        this.#write(effect.session, { $case: 'cancelAnswers', value: { answers } });
        break;
      }
    }
  }

  /** Tells every driver. */
  broadcast(message: NonNullable<SessionResponse['message']>): void {
    for (const { stream } of this.links.values()) stream?.write({ message });
  }

  /** Drops what is kept of a session that the scheduler has forgotten. */
  forget(link: SessionLink): void {
    link.stream?.end();
    link.stream = undefined;
    link.templates.clear();
    this.links.delete(link.id);
    this.#byIndex.delete(link.index);
    this.#context.dispatch({ type: 'detach', key: sessionKey(link.id) });
    this.#context.sessionGone(link);
  }

  close(reason: string): void {
    for (const link of this.links.values()) {
      const { stream } = link;
      this.#flush(link);
      stream?.write({
        message: closedMessage('E_BACKEND_UNAVAILABLE', reason),
      });
      stream?.end();
    }
  }

  #open(open: OpenSession, stream: MessageStream<SessionResponse>, call: Call): SessionLink {
    checkProtocol(open.protocol);
    const node = this.#context.identities.prove(call, open);
    if (!/^[A-Za-z0-9._:-]{1,128}$/.test(open.session)) throw new TypeError('its id is malformed');
    const known = this.links.get(open.session);
    this.#context.identities.requireClaim(node, known?.node);
    known?.stream?.end();
    const link = known ?? this.#make(open, this.#count + 1);
    link.peer = peerOf(link.index, open);
    link.stream = stream;
    link.node = node;
    link.certificate = open.certificate;
    link.dataWay = open.dataWay;
    if (node !== undefined) this.#context.peers.introduced(link);
    link.acknowledged = 0;
    this.#context.dispatch({ type: 'attach', key: sessionKey(link.id), bytes: encodeLink(link) });
    link.told = 0;
    link.ends = [];
    link.opening = open.isResumed ? 'resume' : 'new';
    const { session, tenant, endsSeen } = open;
    this.#context.dispatch(
      open.isResumed
        ? { type: 'session-resume', session, endsSeen }
        : { type: 'session-open', session, tenant },
    );
    return link;
  }

  /** Takes in a session of the head before this one: its tasks name it by its number. */
  restore(bytes: Uint8Array, templates: readonly KnownTemplate[]): void {
    const { open, index } = decodeLink(bytes);
    this.#make(open, index).templates.presume(templates);
  }

  #make(
    open: Pick<OpenSession, 'session' | 'name' | 'dataAddress' | 'secret' | 'host'>,
    index: number,
  ): SessionLink {
    this.#count = Math.max(this.#count, index);
    const link: SessionLink = {
      id: open.session,
      index,
      node: undefined,
      certificate: undefined,
      dataWay: '',
      name: open.name.slice(0, 200),
      templates: new SessionTemplates(this.#context.templates),
      peer: peerOf(index, open),
      stream: undefined,
      acknowledged: 0,
      told: 0,
      ends: [],
      actors: new Map(),
      opening: undefined,
    };
    this.links.set(link.id, link);
    this.#byIndex.set(link.index, link);
    return link;
  }

  #state(session: string, state: 'open' | 'unknown'): void {
    const link = this.links.get(session);
    if (link === undefined) return;
    const { opening } = link;
    link.opening = undefined;
    if (state === 'open') {
      if (opening !== undefined) this.#opened(link, opening === 'lost' ? 'unknown' : 'known');
      return;
    }
    if (opening === 'resume') {
      // What it had open is lost with the head that knew of it; the driver goes on with an empty session.
      link.opening = 'lost';
      this.#context.dispatch({ type: 'session-open', session, tenant: '' });
      return;
    }
    this.#write(
      session,
      closedMessage('E_BACKEND_UNAVAILABLE', 'The head takes no more sessions, or does not lead.'),
    );
    this.forget(link);
  }

  #opened(link: SessionLink, known: 'known' | 'unknown'): void {
    const { dataSecret, heads, ...facts } = this.#context.facts();
    const value = {
      ...facts,
      dataSecret: Buffer.from(dataSecret),
      isKnown: known === 'known',
      heads: [...heads],
    };
    link.stream?.write({ message: { $case: 'peers', value: this.#context.peers.all() } });
    link.stream?.write({ message: { $case: 'opened', value } });
  }

  #receive(link: SessionLink, message: SessionRequest['message']): void {
    switch (message?.$case) {
      case 'submit':
        this.#submit(link, message.value);
        break;
      case 'cancel':
        this.#cancel(link, message.value);
        break;
      case 'endsSeen':
        this.#context.dispatch({ type: 'ends-seen', session: link.id, sequence: message.value.sequence });
        break;
      case 'startActor':
        this.#context.startActor(link, message.value);
        break;
      case 'stopActor':
        this.#context.stopActor(link, message.value);
        break;
      case 'endpoint':
        this.#context.peers.renewed(link, message.value);
        break;
      case 'close':
        this.#context.dispatch({ type: 'session-close', session: link.id });
        this.#write(link.id, closedMessage('', 'The driver closed it.'));
        this.forget(link);
        break;
      default:
        throw new TypeError(`it sent ${message?.$case ?? 'a message this head does not know'}`);
    }
  }

  #submit(link: SessionLink, { templates, tasks }: SubmitBatch): void {
    for (const template of templates) link.templates.add(template);
    const specs = tasks.map((task): TaskSpec => {
      const template = link.templates.find(task.template);
      if (template === undefined) throw new TypeError(`task ${task.id} names an unknown template`);
      const payload = Buffer.allocUnsafe(PREFIX_BYTES + task.payload.byteLength);
      payload.writeUInt32LE(link.index, 0);
      payload.writeUInt32LE(template.number, 4);
      payload.set(task.payload, PREFIX_BYTES);
      const { definition, priority, tenant, delivery, resources, placement, key } = template;
      return {
        id: task.id,
        attempt: task.attempt,
        digest: `${key}${task.digest}`,
        definition,
        priority,
        tenant,
        delivery,
        resources,
        placement,
        inputs: task.inputs.length > 0 ? task.inputs : undefined,
        payload,
      };
    });
    this.#context.dispatch({ type: 'submit', session: link.id, tasks: specs });
  }

  #cancel(link: SessionLink, { cancels }: CancelBatch): void {
    const requests = cancels.map(({ request, id, attempt, how }) => {
      if (how !== 'forget' && how !== 'ask' && how !== 'kill')
        throw new TypeError(`"${how}" is no way to cancel`);
      return { request, id, attempt, how } as const;
    });
    this.#context.dispatch({ type: 'cancel', session: link.id, requests });
  }

  #acknowledge(session: string, count: number): void {
    const link = this.links.get(session);
    if (link === undefined) return;
    link.acknowledged += count;
    this.#wake(link);
  }

  #refuse({ session, tasks }: Extract<SchedulerEffect, { type: 'refuse' }>): void {
    const ends = tasks.map(({ id, attempt, code, reason, advice }) => {
      const outcome = { status: 'refused', code, reason, ...(advice !== undefined && { advice }) } as const;
      const detail = encodeDetail(outcome);
      return {
        sequence: 0,
        id,
        attempt,
        status: statusNumber('refused'),
        worker: '',
        detail,
        epoch: 0,
        counter: 0,
      };
    });
    this.links.get(session)?.ends.push(...ends);
    this.#acknowledge(session, tasks.length);
  }

  #ends(session: string, sequenced: readonly SequencedEnd[]): void {
    const link = this.links.get(session);
    if (link === undefined) return;
    for (const end of sequenced) link.ends.push(wireEnd(end));
    this.#wake(link);
  }

  /** Writes at once what must not wait, after what was collected before it. */
  #write(session: string, message: NonNullable<SessionResponse['message']>): void {
    const link = this.links.get(session);
    if (link === undefined) return;
    this.#flush(link);
    link.stream?.write({ message });
  }

  #wake(link: SessionLink): void {
    this.#dirty.add(link);
    this.#flusher.wake();
  }

  #flushAll(): number {
    let count = 0;
    for (const link of this.#dirty) count += this.#flush(link);
    this.#dirty.clear();
    return count;
  }

  #flush(link: SessionLink): number {
    const { ends, acknowledged, told, stream } = link;
    if (acknowledged > told) {
      link.told = acknowledged;
      stream?.write({ message: { $case: 'acknowledge', value: { count: acknowledged } } });
    }
    if (ends.length > 0) {
      link.ends = [];
      stream?.write({ message: { $case: 'ends', value: { ends } } }, ends.length * END_BYTES);
    }
    return acknowledged - told + ends.length;
  }

  #disconnected(link: SessionLink): void {
    link.stream = undefined;
    this.#context.dispatch({ type: 'session-disconnect', session: link.id });
  }
}

function wireEnd({ sequence, id, attempt, end, token }: SequencedEnd): End {
  const isReported = end.by === 'worker';
  return {
    sequence,
    id,
    attempt,
    status: statusNumber(isReported ? end.status : end.outcome.status),
    worker: isReported ? end.worker : '',
    detail: isReported ? (end.body as Buffer) : encodeDetail(end.outcome),
    epoch: token?.epoch ?? 0,
    counter: token?.counter ?? 0,
  };
}

const peerOf = (
  session: number,
  { dataAddress, secret, host }: Pick<OpenSession, 'dataAddress' | 'secret' | 'host'>,
) => ({
  session,
  dataAddress,
  secret,
  host,
});

/** @throws AnantError `E_VERSION_SKEW` */
export function checkProtocol(protocol: number): void {
  if (protocol === PROTOCOL) return;
  throw new AnantError('E_VERSION_SKEW', `It speaks protocol ${protocol}; this head speaks ${PROTOCOL}.`, {
    advice: 'Install the same version of Anant on every machine of the cluster.',
  });
}
