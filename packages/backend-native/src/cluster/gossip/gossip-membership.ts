/** A process that takes part in gossip whenever it is invited: by the founding it was invited to last, and its keys. */
import { AnantError, type Logger } from '@anant/core';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import type { GossipNode } from './gossip-node.js';
import { type GossipGuest, takePart } from './invitation.js';

/** Pause before gossip is tried again that could not be started. */
const RETRY_MS = 5_000;

export interface GossipMembershipOptions {
  /** What the process brings along, as it is now. */
  readonly guest: () => GossipGuest;
  readonly logger: Logger;
  /** An invitation was taken over, or gossip could not be started by it. */
  readonly onTaken: (generation: number) => void;
}

export class GossipMembership {
  readonly #options: GossipMembershipOptions;
  #founding = '';
  #node: GossipNode | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Invitations are taken over one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: GossipMembershipOptions) {
    this.#options = options;
  }

  get node(): GossipNode | undefined {
    return this.#node;
  }

  /** Joins, changes the founding, or takes the keys over. Settles when that is done; a failure is logged and tried again. */
  take(invitation: GossipInvitation): Promise<void> {
    this.#turn = this.#turn
      .then(() => this.#take(invitation))
      .then(() => this.#options.onTaken(invitation.generation));
    return this.#turn;
  }

  /** Says good-bye to the others first. */
  async leave(): Promise<void> {
    await this.#settled();
    await this.#node?.leave();
  }

  /** Gives the port free at once; to the others this is a crash. */
  async stop(): Promise<void> {
    await this.#settled();
    await this.#node?.stop();
  }

  async #settled(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#turn;
  }

  async #take(invitation: GossipInvitation): Promise<void> {
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    try {
      if (this.#node !== undefined && this.#founding === invitation.founding) {
        this.#node.keyring.replace(invitation.keys);
        return;
      }
      await this.#node?.stop();
      this.#node = undefined;
      this.#node = await takePart(invitation, this.#options.guest());
      this.#founding = invitation.founding;
    } catch (error) {
      const reason = AnantError.is(error) ? error.message : String(error);
      this.#options.logger.warn(`Gossip does not run here yet: ${reason}`);
      this.#retry = setTimeout(() => void this.take(invitation), RETRY_MS);
      this.#retry.unref();
    }
  }
}
