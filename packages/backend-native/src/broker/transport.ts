/** What a broker needs of a transport: frames to one endpoint, to one of many, or to all. */
import type { Frame } from './frame.js';
import type { TransportName } from './guarantees.js';

export interface Received {
  readonly frame: Frame;
  /** For work that is kept until it is done: call it after that. Absent where nothing is kept. */
  readonly acknowledge?: () => void;
}

export interface TransportEvents {
  readonly onReceived: (received: Received) => void;
  /** The way to the others is broken for good; open requests and streams end. */
  readonly onDown: (error: Error) => void;
}

/** How a subject is joined: as one of those that share its messages, or as one that gets them all. */
export type Membership = 'one' | 'all';

export interface Transport {
  readonly name: TransportName;
  /** This broker's own address: random, so that nobody can guess it. */
  readonly endpoint: string;
  /** @throws AnantError `E_BACKEND_UNAVAILABLE` when the hub does not answer in time. */
  open(events: TransportEvents): Promise<void>;
  /** Resolves once the transport took the frame; waits while it takes none. */
  post(frame: Frame): Promise<void>;
  /** Resolves once messages for the subject reach this endpoint. */
  join(membership: Membership, subject: string): Promise<void>;
  leave(membership: Membership, subject: string): Promise<void>;
  close(): Promise<void>;
}
