/**
 * Signed statements as bytes: `[payload, signature]`, the payload naming kind, cluster and author. Who passes one on need
 * not be trusted; what is not signed by its author is dropped here.
 */
import { createHash } from 'node:crypto';
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import type {
  AccusationUpdate,
  AliveUpdate,
  Directory,
  LeftUpdate,
  MemberRecord,
} from '../../protocol/gossip/index.js';
import type { Alert, Vote } from '../../protocol/view/index.js';
import { Fields, MalformedError } from './fields.js';
import { FRAME_BYTES_MAX, ID_BYTES_MAX, METADATA_BYTES_MAX, TICKET_BYTES_MAX } from './limits.js';
import { type NodeMetadata, readMetadata } from './node-metadata.js';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Signatures } from './signatures.js';

export type Statement = AliveUpdate | AccusationUpdate | LeftUpdate | Alert | Vote;

export interface StatementCodecOptions {
  /** Name of the cluster: statements of another one are refused. */
  readonly cluster: string;
  readonly directory: Directory;
  readonly signatures: Signatures;
}

const BOOT_MAX = 2 ** 48 - 1;
const INCARNATION_MAX = 2 ** 32 - 1;
const ADDRESS_BYTES_MAX = 256;
const VIEW_ID_BYTES_MAX = 128;

export class StatementCodec {
  readonly #options: StatementCodecOptions;

  constructor(options: StatementCodecOptions) {
    this.#options = options;
  }

  /** Signs what this node says of itself; the driver hands it to the protocol as `seal`. */
  seal(statement: Omit<AliveUpdate, 'digest' | 'bytes'>): AliveUpdate {
    const { id, address, boot, isVoter, metadata } = statement.record;
    const { signatures, cluster } = this.#options;
    const { incarnation, version } = statement;
    const { publicKey: key, ticket, sign } = signatures.introduction;
    const fields = [
      'alive',
      cluster,
      id,
      incarnation,
      version,
      address,
      boot,
      isVoter,
      metadata,
      key,
      ticket ?? null,
    ];
    const payload = encodeMessage(fields);
    const proof = encodeMessage([payload, sign(payload)]);
    return { ...statement, proof, digest: digestOf(payload), bytes: proof.length + 4 };
  }

  /** Bytes of a statement; signs it if this node is the author and it is not signed yet. */
  encode(statement: Statement): Uint8Array {
    statement.proof ??= this.#signed(encodeMessage(this.#fieldsOf(statement)));
    return statement.proof;
  }

  /**
   * @returns The statement, or `undefined` when its author or subject is not known or not admitted here.
   * @throws MalformedError for bytes that are no statement, or not signed by the author they name.
   */
  decode(proof: Uint8Array): Statement | undefined {
    const envelope = new Fields(decodeMessage(proof));
    const payload = envelope.bytes(FRAME_BYTES_MAX);
    const signature = envelope.bytes(SIGNATURE_BYTES);
    envelope.end();
    const fields = new Fields(decodeMessage(payload));
    const kind = fields.text(16);
    if (fields.text(ID_BYTES_MAX) !== this.#options.cluster) throw new MalformedError('another cluster');
    const read = READERS[kind];
    if (read === undefined) throw new MalformedError('a statement of no known kind');
    const statement = read(fields, this.#context(payload, signature, proof));
    fields.end();
    return statement;
  }

  #context(payload: Uint8Array, signature: Uint8Array, proof: Uint8Array): ReadContext {
    const { directory, signatures } = this.#options;
    return {
      directory,
      payload,
      proof,
      isAdmitted: (id, publicKey, ticket) => {
        if (signatures.admit(id, publicKey, ticket)) return true;
        if (signatures.wasAdmissible(id, publicKey, ticket)) return false;
        throw new MalformedError(`"${id}" is not admitted with this key`);
      },
      isSignedBy: (id) => {
        if (signatures.verify(id, payload, signature, 'remember')) return;
        throw new MalformedError(`not signed by "${id}"`);
      },
      isKnown: (id) => directory.indexOf(id) !== undefined,
      isAuthor: (id) => directory.indexOf(id) !== undefined && signatures.knows(id),
    };
  }

  #fieldsOf(statement: Statement): unknown[] {
    const { cluster, directory } = this.#options;
    const idOf = (index: number) => directory.idOf(index);
    if ('cutId' in statement) {
      const { viewId, round, cutId, author } = statement;
      return ['vote', cluster, viewId, round, cutId, idOf(author)];
    }
    if ('viewId' in statement) {
      const { viewId, subject, boot, incarnation, author } = statement;
      return ['alert', cluster, viewId, idOf(subject), boot, incarnation, idOf(author)];
    }
    if (statement.type === 'left')
      return ['left', cluster, idOf(statement.subject), statement.incarnation, statement.boot];
    if (statement.type === 'alive') throw new TypeError('An alive statement is sealed when it is made.');
    return [statement.type, cluster, idOf(statement.subject), statement.incarnation, idOf(statement.author)];
  }

  #signed(payload: Uint8Array): Uint8Array {
    return encodeMessage([payload, this.#options.signatures.sign(payload)]);
  }
}

interface ReadContext {
  readonly directory: Directory;
  readonly payload: Uint8Array;
  readonly proof: Uint8Array;
  readonly isAdmitted: (id: string, publicKey: Uint8Array, ticket: Uint8Array | undefined) => boolean;
  readonly isSignedBy: (id: string) => void;
  readonly isKnown: (id: string) => boolean;
  /** Known, and so is a key that it signs with. */
  readonly isAuthor: (id: string) => boolean;
}

type Reader = (fields: Fields, context: ReadContext) => Statement | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  alive: readAlive,
  suspect: (fields, context) => readAccusation('suspect', fields, context),
  dead: (fields, context) => readAccusation('dead', fields, context),
  left: readLeft,
  alert: readAlert,
  vote: readVote,
};

function readAlive(fields: Fields, context: ReadContext): AliveUpdate | undefined {
  const id = fields.text(ID_BYTES_MAX);
  const incarnation = fields.integer(1, INCARNATION_MAX);
  const version = fields.integer();
  const address = fields.text(ADDRESS_BYTES_MAX);
  const boot = fields.integer(1, BOOT_MAX);
  const isVoter = fields.flag();
  const metadata = checkedMetadata(fields.any());
  const publicKey = fields.bytes(PUBLIC_KEY_BYTES);
  const ticket = fields.optional((rest) => rest.bytes(TICKET_BYTES_MAX));
  // Whoever passes it on may not have heard that its certificate was revoked.
  if (!context.isAdmitted(id, publicKey, ticket)) return undefined;
  context.isSignedBy(id);
  const subject = context.directory.add(id);
  if (subject === undefined) return undefined;
  const record: MemberRecord = { id, address, boot, isVoter, metadata };
  const { proof, payload } = context;
  return {
    type: 'alive',
    subject,
    incarnation,
    version,
    record,
    proof,
    digest: digestOf(payload),
    bytes: proof.length + 4,
  };
}

function readAccusation(
  type: 'suspect' | 'dead',
  fields: Fields,
  context: ReadContext,
): AccusationUpdate | undefined {
  const subjectId = fields.text(ID_BYTES_MAX);
  const incarnation = fields.integer(1, INCARNATION_MAX);
  const authorId = fields.text(ID_BYTES_MAX);
  if (!context.isAuthor(authorId) || !context.isKnown(subjectId)) return undefined;
  context.isSignedBy(authorId);
  const { directory, proof } = context;
  const subject = directory.indexOf(subjectId)!;
  return { type, subject, incarnation, author: directory.indexOf(authorId)!, proof };
}

function readLeft(fields: Fields, context: ReadContext): LeftUpdate | undefined {
  const id = fields.text(ID_BYTES_MAX);
  const incarnation = fields.integer(1, INCARNATION_MAX);
  const boot = fields.integer(1, BOOT_MAX);
  if (!context.isAuthor(id)) return undefined;
  context.isSignedBy(id);
  return { type: 'left', subject: context.directory.indexOf(id)!, incarnation, boot, proof: context.proof };
}

function readAlert(fields: Fields, context: ReadContext): Alert | undefined {
  const viewId = fields.text(VIEW_ID_BYTES_MAX);
  const subjectId = fields.text(ID_BYTES_MAX);
  const boot = fields.integer(1, BOOT_MAX);
  const incarnation = fields.integer(0, INCARNATION_MAX);
  const authorId = fields.text(ID_BYTES_MAX);
  if (!context.isAuthor(authorId) || !context.isKnown(subjectId)) return undefined;
  context.isSignedBy(authorId);
  const { directory, proof } = context;
  return {
    viewId,
    subject: directory.indexOf(subjectId)!,
    boot,
    incarnation,
    author: directory.indexOf(authorId)!,
    proof,
  };
}

function readVote(fields: Fields, context: ReadContext): Vote | undefined {
  const viewId = fields.text(VIEW_ID_BYTES_MAX);
  const round = fields.integer();
  const cutId = fields.text(VIEW_ID_BYTES_MAX);
  const authorId = fields.text(ID_BYTES_MAX);
  if (!context.isAuthor(authorId)) return undefined;
  context.isSignedBy(authorId);
  return { viewId, round, cutId, author: context.directory.indexOf(authorId)!, proof: context.proof };
}

function checkedMetadata(value: unknown): NodeMetadata {
  const metadata = readMetadata(value);
  if (metadata === undefined || encodeMessage(metadata).length > METADATA_BYTES_MAX)
    throw new MalformedError('metadata expected');
  return metadata;
}

function digestOf(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('base64url');
}
