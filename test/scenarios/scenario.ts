/**
 * Scenario transcripts: commands that drive a simulated cluster, and after each `show` the lines it printed, marked `>`.
 * The commands run the production protocol; the marked lines are the specification.
 *
 *   cluster nodes=5 seed=7 [start=formed|joining] [loss=0.1] [voters=0,1,2]
 *   run 10s                        let virtual time pass
 *   crash 3 · restart 3 · leave 3 · join · probe 0 3
 *   pause 3 for 10s [messages]     the process stands still; or only what it sends and receives
 *   part 0,1,2 from 3,4 · cut 0 to 3 (one way) · heal
 *   accuse 3 of 4 by 1,2           lies: node 1 and 2 accuse node 3 towards node 4
 *   show views                     the decided views of running nodes, and who may assign work
 *   show 3                         what the others think of a node
 *
 * Transcripts that begin with `heads` have commands of their own: see `heads-stage.ts`.
 */
import { GossipWorld } from '@anant/backend-native/simulator';
import { HeadsStage } from './heads-stage.js';
import { milliseconds } from './spans.js';

export function play(text: string): string {
  const stage = new Stage();
  const out: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('>')) continue;
    out.push(line);
    if (line.trim() !== '' && !line.startsWith('#')) out.push(...stage.perform(line.trim()));
  }
  return out.join('\n');
}

class Stage {
  #cluster: GossipWorld | undefined;
  #heads: HeadsStage | undefined;

  /** @returns Lines to show. */
  perform(line: string): readonly string[] {
    if (this.#heads !== undefined) return this.#heads.perform(line);
    const [command = '', ...words] = line.split(/\s+/);
    if (command === 'heads') {
      this.#heads = new HeadsStage(words);
      return [];
    }
    const perform = this.#commands[command];
    if (perform === undefined) throw new Error(`No such command: "${line}"`);
    return perform(words) ?? [];
  }

  get #it(): GossipWorld {
    if (this.#cluster === undefined) throw new Error('A scenario begins with "cluster".');
    return this.#cluster;
  }

  readonly #commands: Readonly<Record<string, (words: readonly string[]) => readonly string[] | undefined>> =
    {
      cluster: (words) => this.#start(words),
      run: ([span]) => this.#do(() => this.#it.run(milliseconds(span))),
      crash: ([node]) => this.#do(() => this.#it.world.crash(Number(node))),
      restart: ([node]) => this.#do(() => this.#it.restart(Number(node))),
      leave: ([node]) => this.#do(() => this.#it.step(Number(node), { type: 'leave' })),
      join: () => this.#do(() => this.#it.join()),
      probe: ([by, node]) =>
        this.#do(() => this.#it.step(Number(by), { type: 'probe', subject: Number(node) })),
      pause: ([node, , span, what]) =>
        this.#do(() =>
          this.#it.world.pause(
            Number(node),
            milliseconds(span),
            what === 'messages' ? 'messages' : 'process',
          ),
        ),
      part: ([one, , two]) => this.#do(() => this.#it.world.network.partition([numbers(one), numbers(two)])),
      cut: ([from, , to]) => this.#do(() => this.#it.world.network.cutOneWay(numbers(from), numbers(to))),
      heal: () => this.#do(() => this.#it.world.network.heal()),
      accuse: ([victim, , towards, , by]) =>
        this.#do(() => this.#accuse(Number(victim), Number(towards), numbers(by))),
      show: ([what]) => (what === 'views' ? this.#views() : this.#opinions(Number(what))),
    };

  #do(action: () => void): undefined {
    action();
    return undefined;
  }

  #start(words: readonly string[]): undefined {
    const settings = Object.fromEntries(words.map((word) => word.split('='))) as Record<string, string>;
    const voters = settings.voters === undefined ? undefined : new Set(numbers(settings.voters));
    this.#cluster = new GossipWorld({
      nodes: Number(settings.nodes),
      seed: Number(settings.seed),
      start: settings.start === 'joining' ? 'joining' : 'formed',
      link: { loss: Number(settings.loss ?? 0) },
      ...(voters && { isVoter: (node) => voters.has(node) }),
    });
    this.#cluster.start();
    return undefined;
  }

  #accuse(victim: number, towards: number, liars: readonly number[]): void {
    for (const author of liars) {
      const incarnation = this.#it.members[author]!.gossip.table.incarnation(victim);
      const updates = [{ type: 'suspect' as const, subject: victim, incarnation, author }];
      this.#it.world.send(author, towards, { type: 'gossip', updates });
    }
  }

  /** One line per view: its epoch and members, who is in it, and which of those reach a quorum. */
  #views(): readonly string[] {
    const lines = new Map<string, { title: string; holders: number[]; acting: number[] }>();
    this.#it.members.forEach((member, node) => {
      if (!this.#it.world.isUp(node) || member.gossip.table.status(node) === 'left') return;
      const { view } = member;
      const title =
        view === undefined
          ? 'no view'
          : `epoch ${view.epoch}: ${view.members
              .map(({ index }) => index)
              .sort(byNumber)
              .join(' ')}`;
      const key = `${title} ${view?.id}`;
      const line = lines.get(key) ?? { title, holders: [], acting: [] };
      line.holders.push(node);
      if (member.hasQuorum) line.acting.push(node);
      lines.set(key, line);
    });
    return [...lines.values()]
      .map(
        ({ title, holders, acting }) =>
          `> ${title} | held by ${holders.join(' ')} | may assign work: ${acting.join(' ') || 'nobody'}`,
      )
      .sort();
  }

  #opinions(node: number): readonly string[] {
    const opinions = new Map<string, number[]>();
    this.#it.members.forEach(({ gossip }, observer) => {
      if (observer === node || !this.#it.world.isUp(observer)) return;
      const status = gossip.table.status(node);
      opinions.set(status, [...(opinions.get(status) ?? []), observer]);
    });
    return [...opinions]
      .map(([status, observers]) => `> ${node} is ${status} for ${observers.join(' ')}`)
      .sort();
  }
}

function numbers(list: string | undefined): number[] {
  return (list ?? '').split(',').map(Number);
}

function byNumber(left: number, right: number): number {
  return left - right;
}
