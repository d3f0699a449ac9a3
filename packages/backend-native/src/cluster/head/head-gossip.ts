/**
 * The head's part in gossip. It brings evidence about workers and says whether this side of the cluster has a quorum;
 * what follows from either the scheduler decides.
 */
import { AnantError, type Logger } from '@anant/core';
import type { WorkerEvidence } from '../../protocol/scheduler/index.js';
import { judgeQuorum, type Quorum, type VoterState } from '../../protocol/view/index.js';
import type { GossipNodeEvent, MemberInfo } from '../gossip/events.js';
import type { GossipNode } from '../gossip/gossip-node.js';
import { type GossipGuest, newFounding, takePart } from '../gossip/invitation.js';
import { Keyring } from '../gossip/keyring.js';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import { probe } from './probe.js';

/** Voters of a view; more members take part without a vote, so that decisions fit in a frame. */
const VOTERS_MAX = 64;
/** How often the quorum is looked at besides after every event. */
const WATCH_MS = 500;
/** A view that a quorum of what is left cannot change any more is founded anew after so long. */
const STUCK_MS = 3_000;

/** Observers see and are seen, and have no vote. */
export type GossipPart = 'voter' | 'observer';

/** Members besides this head that have taken the present keys over. */
export interface KeyHolders {
  readonly workers: number;
  readonly heads: number;
}

export interface HeadGossipOptions {
  readonly guest: GossipGuest;
  readonly logger?: Logger;
  /** @param socket of the data endpoint of the process that the evidence is about */
  readonly onEvidence: (worker: string, socket: string, evidence: WorkerEvidence) => void;
  /** Only the head that leads may found anew: the others follow it. */
  readonly leads: () => boolean;
  readonly onQuorum: (quorum: Quorum) => void;
  /** Founded anew, or the keys changed: every other member must hear of it. */
  readonly onInvitation: () => void;
}

export class HeadGossip {
  readonly #options: HeadGossipOptions;
  /** Members whose machine says that their process has ended, by id, with the boot it is about. */
  readonly #gone = new Map<string, number>();
  #invitation: GossipInvitation;
  #node: GossipNode;
  #quorum: Quorum = { state: 'held', voters: 1, reached: 1, gone: 0, reason: '' };
  #stuckSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFounding = false;
  #isClosed = false;
  #stopListening: () => void = () => {};

  private constructor(options: HeadGossipOptions, invitation: GossipInvitation, node: GossipNode) {
    this.#options = options;
    this.#invitation = invitation;
    this.#node = node;
    this.#listen(node);
    this.#timer = setInterval(() => this.#watch(), WATCH_MS);
    this.#timer.unref();
  }

  /** @throws AnantError as `takePart` does */
  static async start(options: HeadGossipOptions): Promise<HeadGossip> {
    const invitation = newFounding();
    const node = await takePart(invitation, options.guest);
    return new HeadGossip(options, invitation, node);
  }

  get id(): string {
    return this.#node.id;
  }

  get node(): GossipNode {
    return this.#node;
  }

  get quorum(): Quorum {
    return this.#quorum;
  }

  /** For a process that may take part under this id. One that votes already goes on voting. */
  invite(id: string, part: GossipPart): GossipInvitation {
    if (part === 'observer') return { ...this.#invitation, seeds: [this.#node.address], isVoter: false };
    const members = this.#node.members();
    const voters = members.filter((member) => member.isVoter && member.status === 'alive');
    const isVoter = voters.length < VOTERS_MAX || voters.some((member) => member.id === id);
    return { ...this.#invitation, seeds: [this.#node.address], isVoter };
  }

  /** A stream to this member closed, or opened. */
  look(id: string): void {
    this.#node.probe(id);
  }

  /** The member's machine says that the process behind this data socket has ended. */
  ended(id: string, socket: string): void {
    const member = this.#node.member(id);
    if (member === undefined || dataSocketOf(member) !== socket) return;
    this.#gone.set(id, member.boot);
    this.#node.probe(id);
    this.#watch();
  }

  /** A new key for everyone. `spread` tells them and waits until they have it. @returns its id */
  async rotate(
    spread: (generation: number) => Promise<KeyHolders>,
  ): Promise<KeyHolders & { readonly key: string }> {
    const { keyring } = this.#node;
    const [current, ...rest] = this.#invitation.keys;
    const fresh = Buffer.from(Keyring.newKey());
    // Everybody can read the new one; then everybody writes it; then nobody reads the old one.
    await this.#changeKeys([current!, fresh, ...rest], spread);
    await this.#changeKeys([fresh, current!, ...rest], spread);
    const holders = await this.#changeKeys([fresh], spread);
    return { key: keyring.currentId, ...holders };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stopListening();
    await this.#node.leave();
  }

  async #changeKeys(
    keys: Buffer[],
    spread: (generation: number) => Promise<KeyHolders>,
  ): Promise<KeyHolders> {
    this.#node.keyring.replace(keys);
    this.#invitation = { ...this.#invitation, keys, generation: this.#invitation.generation + 1 };
    this.#options.onInvitation();
    return await spread(this.#invitation.generation);
  }

  #listen(node: GossipNode): void {
    this.#stopListening = node.subscribe((event) => this.#onEvent(event));
  }

  #onEvent(event: GossipNodeEvent): void {
    switch (event.type) {
      case 'suspect':
      case 'dead':
      case 'barred':
        this.#tell(event.member, 'suspected');
        void this.#ask(event.member);
        break;
      case 'join':
        this.#tell(event.member, 'well');
        break;
      case 'view': {
        const members = new Map(event.view.members.map(({ id, boot }) => [id, boot]));
        for (const member of this.#node.members()) {
          if (member.status === 'dead' && !members.has(member.id)) this.#tell(member, 'removed');
        }
        for (const [id, boot] of this.#gone) if (members.get(id) !== boot) this.#gone.delete(id);
        break;
      }
      default:
        break;
    }
    this.#watch();
  }

  #tell(member: MemberInfo, evidence: WorkerEvidence): void {
    const socket = dataSocketOf(member);
    if (member.id !== this.id && socket !== undefined) this.#options.onEvidence(member.id, socket, evidence);
  }

  /** Whether the process of a member that nobody reaches is there at all. */
  async #ask(member: MemberInfo): Promise<void> {
    const socket = member.metadata.endpoints.data ?? member.metadata.endpoints.control;
    if (socket === undefined || (await probe(socket)) !== 'gone' || this.#isClosed) return;
    if (this.#node.member(member.id)?.boot !== member.boot) return;
    this.#gone.set(member.id, member.boot);
    this.#watch();
  }

  #watch(): void {
    if (this.#isClosed || this.#isFounding) return;
    const before = this.#quorum;
    this.#quorum = this.#judge();
    if (before.state !== this.#quorum.state || before.reason !== this.#quorum.reason)
      this.#options.onQuorum(this.#quorum);
    this.#watchStuck();
  }

  #judge(): Quorum {
    const { view } = this.#node;
    if (view === undefined) {
      const reason = 'This head was not taken into a view yet.';
      return { state: 'lost', voters: 0, reached: 0, gone: 0, reason };
    }
    const voters = view.members.filter(({ isVoter }) => isVoter);
    const states = voters.map(({ id, boot }): VoterState => {
      const member = this.#node.member(id);
      const isSame = member?.boot === boot;
      return {
        id,
        isReached: isSame && member.status === 'alive',
        // A later process of that name proves that this one has ended.
        isGone:
          this.#gone.get(id) === boot || (member !== undefined && (!isSame || member.status === 'left')),
        isHead: member?.metadata.role === 'head',
      };
    });
    return judgeQuorum(states, this.#node.isMember ? 'member' : 'outside');
  }

  /**
   * What ended without a word cannot vote, so the rest may be too few to change the view, although nobody can be on
   * another side. Then this head founds anew with who is left.
   */
  #watchStuck(): void {
    const isStuck = this.#quorum.state === 'held' && !this.#node.hasQuorum && this.#options.leads();
    if (!isStuck) {
      this.#stuckSinceMs = undefined;
      return;
    }
    this.#stuckSinceMs ??= performance.now();
    if (performance.now() - this.#stuckSinceMs >= STUCK_MS) void this.#foundAnew();
  }

  async #foundAnew(): Promise<void> {
    const { logger, guest, onInvitation } = this.#options;
    const firstEpoch = (this.#node.view?.epoch ?? 0) + 1;
    this.#isFounding = true;
    this.#stuckSinceMs = undefined;
    logger?.warn(
      `The members that are left cannot change the view: it is founded anew as epoch ${firstEpoch}.`,
    );
    try {
      this.#stopListening();
      await this.#node.stop();
      const invitation = newFounding();
      this.#node = await takePart(invitation, { ...guest, port: this.#node.port }, { firstEpoch });
      this.#invitation = invitation;
      this.#gone.clear();
      this.#listen(this.#node);
      onInvitation();
    } catch (error) {
      // The old node is closed; the next look tries again.
      logger?.error(
        `Gossip could not be founded anew: ${AnantError.is(error) ? error.message : String(error)}`,
      );
    } finally {
      this.#isFounding = false;
      this.#watch();
    }
  }
}

const dataSocketOf = ({ metadata }: MemberInfo): string | undefined => metadata.endpoints.data;
