/** Side interface: long-lived stateful instances. Calls travel as ordinary envelopes with `actor` set. */
import type { BackendV1 } from './backend.js';
import type { ActorId, DefinitionReference, EnvelopeOptions } from './task.js';

export interface ActorSpecification {
  readonly id: ActorId;
  /** Refers to an exported class; its constructor takes one portable value. */
  readonly definition: DefinitionReference;
  readonly input: unknown;
  readonly options: EnvelopeOptions;
}

export interface ActorHost {
  /** Starts an actor; throws when the name is taken or the constructor throws. */
  doActorStart(specification: ActorSpecification): Promise<void>;
  /** Stops it; calls still open end `lost`. Unknown ids are ignored. */
  doActorStop(id: ActorId): Promise<void>;
}

export function isActorHost(backend: BackendV1): backend is BackendV1 & ActorHost {
  return 'doActorStart' in backend && 'doActorStop' in backend;
}
