/** Messages of the protocol as bytes: lists led by the type, members by id, statements as their signed bytes. */
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import type { AliveUpdate, Directory, MemberIndex, Update } from '../../protocol/gossip/index.js';
import type { Alert, Cut, MemberMessage, ViewMember, Vote } from '../../protocol/view/index.js';
import { Fields, MalformedError } from './fields.js';
import { FRAME_BYTES_MAX, ID_BYTES_MAX } from './limits.js';
import type { StatementCodec } from './statement-codec.js';

const DIGEST_BYTES = 256;
const VIEW_ID_BYTES_MAX = 128;

export class MessageCodec {
  readonly #directory: Directory;
  readonly #statements: StatementCodec;

  constructor(directory: Directory, statements: StatementCodec) {
    this.#directory = directory;
    this.#statements = statements;
  }

  encode(message: MemberMessage): Uint8Array {
    return encodeMessage(this.#fieldsOf(message));
  }

  /** @throws MalformedError or AnantError `E_PROTOCOL` for anything that is no message. */
  decode(body: Uint8Array): MemberMessage {
    const fields = new Fields(decodeMessage(body));
    const message = this.#read(fields.text(16), fields);
    fields.end();
    return message;
  }

  #fieldsOf(message: MemberMessage): unknown[] {
    const { type } = message;
    switch (message.type) {
      case 'ping':
      case 'ack':
        return [type, message.sequence, message.epoch, this.#updates(message.updates)];
      case 'ping-request':
        return [type, message.sequence, this.#directory.idOf(message.target), this.#updates(message.updates)];
      case 'nack':
        return [type, message.sequence];
      case 'gossip':
        return [type, this.#updates(message.updates)];
      case 'offer':
      case 'entries':
        return [
          type,
          message.digest === undefined ? null : digestBytes(message.digest),
          this.#updates(message.updates),
        ];
      case 'view-alert':
        return [type, this.#proofs(message.alerts)];
      case 'view-propose':
        return [type, message.round, this.#cut(message.cut), this.#proofs(message.alerts)];
      case 'view-vote':
        return [type, this.#statements.encode(message.vote)];
      case 'view-prepare':
        return [type, message.viewId, message.round];
      case 'view-promise': {
        const cut = message.cut === undefined ? null : this.#cut(message.cut);
        return [
          type,
          message.viewId,
          message.round,
          message.votedRound + 1,
          cut,
          this.#proofs(message.alerts),
        ];
      }
      case 'view-decide': {
        const { epoch, cut, votes } = message.decision;
        return [type, epoch, this.#cut(cut), this.#proofs(votes)];
      }
      case 'view-pull':
        return [type, message.epoch];
      case 'view-push': {
        const { lineage, epoch, id, members } = message.view;
        return [type, lineage, epoch, id, members.map(memberFields)];
      }
    }
  }

  #read(type: string, fields: Fields): MemberMessage {
    switch (type) {
      case 'ping':
      case 'ack':
        return {
          type,
          sequence: fields.integer(),
          epoch: fields.integer(),
          updates: this.#readUpdates(fields),
        };
      case 'ping-request':
        return {
          type,
          sequence: fields.integer(),
          target: this.#index(fields.text(ID_BYTES_MAX)),
          updates: this.#readUpdates(fields),
        };
      case 'nack':
        return { type, sequence: fields.integer() };
      case 'gossip':
        return { type, updates: this.#readUpdates(fields) };
      case 'offer':
        return { type, digest: readDigest(fields.bytes(DIGEST_BYTES)), updates: this.#readUpdates(fields) };
      case 'entries': {
        const digest = fields.optional((rest) => readDigest(rest.bytes(DIGEST_BYTES)));
        return { type, digest, updates: this.#readUpdates(fields) };
      }
      default:
        return this.#readView(type, fields);
    }
  }

  #readView(type: string, fields: Fields): MemberMessage {
    switch (type) {
      case 'view-alert':
        return { type, alerts: this.#readAlerts(fields) };
      case 'view-propose':
        return {
          type,
          round: fields.integer(),
          cut: this.#readCut(fields.fields()),
          alerts: this.#readAlerts(fields),
        };
      case 'view-vote':
        return { type, vote: this.#readVote(fields.bytes(FRAME_BYTES_MAX)) };
      case 'view-prepare':
        return { type, viewId: fields.text(VIEW_ID_BYTES_MAX), round: fields.integer() };
      case 'view-promise':
        return {
          type,
          viewId: fields.text(VIEW_ID_BYTES_MAX),
          round: fields.integer(),
          votedRound: fields.integer() - 1,
          cut: fields.optional((rest) => this.#readCut(rest.fields())),
          alerts: this.#readAlerts(fields),
        };
      case 'view-decide': {
        const epoch = fields.integer();
        const cut = this.#readCut(fields.fields());
        const votes = fields.list((value) => this.#readVote(asBytes(value)));
        return { type, decision: { epoch, cut, votes } };
      }
      case 'view-pull':
        return { type, epoch: fields.integer() };
      case 'view-push': {
        const lineage = fields.text(2 * ID_BYTES_MAX);
        const epoch = fields.integer(1);
        const id = fields.text(VIEW_ID_BYTES_MAX);
        const members = fields.list((value) => this.#readMember(value));
        return { type, view: { lineage, epoch, id, members } };
      }
      default:
        throw new MalformedError('a message of no known type');
    }
  }

  #updates(updates: readonly Update[]): unknown[] {
    return updates.map((update) =>
      update.type === 'equivocation'
        ? [this.#statements.encode(update.first), this.#statements.encode(update.second)]
        : this.#statements.encode(update),
    );
  }

  #readUpdates(fields: Fields): readonly Update[] {
    const updates = fields.list((value) => this.#readUpdate(value));
    return updates.filter((update) => update !== undefined);
  }

  #readUpdate(value: unknown): Update | undefined {
    if (Array.isArray(value)) {
      const [first, second] = value.map((proof) => this.#statements.decode(asBytes(proof)));
      if (value.length === 2 && (first === undefined || second === undefined)) return undefined;
      if (!isAlive(first) || !isAlive(second)) throw new MalformedError('two alive statements expected');
      return { type: 'equivocation', subject: first.subject, first, second };
    }
    const statement = this.#statements.decode(asBytes(value));
    if (statement !== undefined && !('type' in statement)) throw new MalformedError('an update expected');
    return statement;
  }

  #readAlerts(fields: Fields): readonly Alert[] {
    const statements = fields.list((value) => this.#statements.decode(asBytes(value)));
    return statements.filter((statement): statement is Alert => {
      if (statement !== undefined && ('type' in statement || 'cutId' in statement))
        throw new MalformedError('alerts expected');
      return statement !== undefined;
    });
  }

  #readVote(proof: Uint8Array): Vote {
    const statement = this.#statements.decode(proof);
    if (statement === undefined || !('cutId' in statement))
      throw new MalformedError('a vote of a known member expected');
    return statement;
  }

  #proofs(statements: readonly (Alert | Vote)[]): Uint8Array[] {
    return statements.map((statement) => this.#statements.encode(statement));
  }

  #cut({ viewId, add, remove }: Cut): unknown[] {
    return [viewId, add.map(memberFields), remove.map(memberFields)];
  }

  #readCut(fields: Fields): Cut {
    const viewId = fields.text(VIEW_ID_BYTES_MAX);
    const add = fields.list((value) => this.#readMember(value));
    const remove = fields.list((value) => this.#readMember(value));
    return { viewId, add, remove };
  }

  #readMember(value: unknown): ViewMember {
    const fields = new Fields(value);
    const id = fields.text(ID_BYTES_MAX);
    const boot = fields.integer(1);
    const isVoter = fields.flag();
    fields.end();
    return { index: this.#index(id), id, boot, isVoter };
  }

  #index(id: string): MemberIndex {
    const index = this.#directory.add(id);
    if (index === undefined) throw new MalformedError('more members than this node can number');
    return index;
  }
}

function memberFields({ id, boot, isVoter }: ViewMember): unknown[] {
  return [id, boot, isVoter];
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new MalformedError('a statement expected');
}

function isAlive(statement: unknown): statement is AliveUpdate {
  return typeof statement === 'object' && statement !== null && (statement as AliveUpdate).type === 'alive';
}

function digestBytes(digest: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(digest.length * 4);
  const view = new DataView(bytes.buffer);
  digest.forEach((word, index) => {
    view.setUint32(index * 4, word, true);
  });
  return bytes;
}

function readDigest(bytes: Uint8Array): Uint32Array {
  if (bytes.length !== DIGEST_BYTES) throw new MalformedError('a digest expected');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: DIGEST_BYTES / 4 }, (_, index) => view.getUint32(index * 4, true));
}
