/** The drivers a worker works for, and the kinds of task it was told of. */
import type { DefinitionReference, EnvelopeOptions, ExecutionMode } from '@anant/core';
import type { CodeMode } from '../code/code-desk.js';
import { readDefinition, resourcesOf } from '../control/template-reading.js';
import { EventWriter } from '../data/event-writer.js';
import type { Template } from '../proto/anant/v1/common.js';
import type { SessionPeer } from '../proto/anant/v1/worker.js';

export interface KnownPeer {
  readonly index: number;
  readonly address: string;
  readonly secret: Uint8Array;
  /** What goes to the driver next. */
  readonly writer: EventWriter;
  /** Objects that were made here for it. */
  readonly objects: Set<string>;
  readonly actors: Set<string>;
  isGone: boolean;
}

export interface WorkTemplate {
  readonly definition: DefinitionReference;
  readonly options: EnvelopeOptions;
  /** How its code comes here. */
  readonly code: CodeMode;
}

export class SessionTable {
  readonly #peers = new Map<number, KnownPeer>();
  readonly #templates = new Map<number, WorkTemplate>();

  /** @param worker this worker, by name and data address: how it signs what it sends */
  constructor(
    private readonly worker: string,
    private readonly address: string,
  ) {}

  add({ session, dataAddress, secret }: SessionPeer): KnownPeer {
    const known = this.#peers.get(session);
    if (known !== undefined && known.address === dataAddress) return known;
    const peer: KnownPeer = {
      index: session,
      address: dataAddress,
      secret,
      writer: new EventWriter(this.worker, this.address),
      objects: known?.objects ?? new Set(),
      actors: known?.actors ?? new Set(),
      isGone: false,
    };
    this.#peers.set(session, peer);
    return peer;
  }

  find(session: number): KnownPeer | undefined {
    return this.#peers.get(session);
  }

  byAddress(address: string): KnownPeer | undefined {
    for (const peer of this.#peers.values()) if (peer.address === address) return peer;
    return undefined;
  }

  delete(session: number): KnownPeer | undefined {
    const peer = this.#peers.get(session);
    this.#peers.delete(session);
    if (peer !== undefined) peer.isGone = true;
    return peer;
  }

  peers(): IterableIterator<KnownPeer> {
    return this.#peers.values();
  }

  /** @throws AnantError when it is malformed */
  addTemplate(template: Template): void {
    this.#templates.set(template.number, readTemplate(template));
  }

  template(number: number): WorkTemplate | undefined {
    return this.#templates.get(number);
  }

  /** Another head numbers anew. */
  clear(): void {
    this.#templates.clear();
  }
}

/** @throws AnantError when it is malformed */
export function readTemplate({
  definition,
  priority,
  mode,
  resources,
  tenant,
  delivery,
  output,
  code,
}: Template): WorkTemplate {
  const options: EnvelopeOptions = {
    priority,
    ...(mode !== '' && { mode: mode as ExecutionMode }),
    ...(resources && { resources: resourcesOf(resources) }),
    ...(tenant !== '' && { tenant }),
    delivery: delivery === 'at-most-once' ? 'at-most-once' : 'at-least-once',
    output: output === 'stream' || output === 'reference' ? output : 'value',
  };
  const codeMode = code === 'reference' || code === 'bundle' ? code : 'auto';
  return { definition: readDefinition(definition), options, code: codeMode };
}
