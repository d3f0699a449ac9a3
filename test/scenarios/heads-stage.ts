/**
 * Transcripts of a cluster with several heads, workers, a driver and Redis. They begin with `heads`:
 *
 *   heads 3 seed=7 [workers=2]
 *   submit 12                          a batch of tasks, some short, some of up to three seconds
 *   run 2s                             let virtual time pass
 *   kill leader · kill standby         the process ends, and is started again 400 ms later
 *   stop leader for 4s · stop standby for 4s · stop redis for 4s
 *   part leader                        nothing passes between the leader and all others · heal
 *   redis emptied · redis restarted · redis copied · redis failed-over
 *   show heads                         what each is, as itself believes
 *   show tasks                         how many were submitted and have ended, and every promise that was broken
 */
import { SchedulerCluster } from '@anant/backend-native/simulator';
import { seededRandom } from '@anant/core/testing';
import { milliseconds } from './spans.js';

type Words = readonly string[];
type Peers = NonNullable<SchedulerCluster['peers']>;

const SETTINGS = { leaseMs: 3_000, disconnectGraceMs: 800, sessionRetainMs: 120_000 };

export class HeadsStage {
  readonly #cluster: SchedulerCluster;
  readonly #peers: Peers;
  readonly #random: () => number;

  /** @param words what stands after `heads` */
  constructor([heads, ...settings]: Words) {
    const { seed, workers = '2' } = Object.fromEntries(settings.map((word) => word.split('=')));
    this.#cluster = new SchedulerCluster({
      seed: Number(seed),
      heads: Number(heads),
      workers: Number(workers),
      drivers: 1,
      settings: SETTINGS,
      mutation: undefined,
    });
    if (this.#cluster.peers === undefined) throw new Error('Write "heads 2" or more.');
    this.#peers = this.#cluster.peers;
    this.#random = seededRandom(Number(seed));
  }

  /** @returns Lines to show. */
  perform(line: string): Words {
    const [command = '', ...words] = line.split(/\s+/);
    const perform = this.#commands[command];
    if (perform === undefined) throw new Error(`No such command: "${line}"`);
    return perform(words) ?? [];
  }

  readonly #commands: Readonly<Record<string, (words: Words) => Words | undefined>> = {
    submit: ([count]) => this.#do(() => this.#cluster.submitSome(this.#random, Number(count))),
    run: ([span]) =>
      this.#do(() => this.#cluster.world.run({ untilMs: this.#cluster.world.nowMs + milliseconds(span) })),
    kill: ([who]) => this.#do(() => this.#cluster.killHead(this.#node(who), 'tail')),
    stop: ([who, , span]) => this.#do(() => this.#cluster.world.pause(this.#node(who), milliseconds(span))),
    part: ([who]) => this.#do(() => this.#cluster.world.network.partition([[this.#node(who)]])),
    heal: () => this.#do(() => this.#cluster.world.network.heal()),
    redis: ([what]) => this.#do(() => this.#redis(what)),
    show: ([what]) => (what === 'heads' ? this.#heads() : this.#tasks()),
  };

  #do(action: () => unknown): undefined {
    action();
    return undefined;
  }

  #node(who: string | undefined): number {
    if (who === 'leader') return this.#peers.node;
    if (who === 'standby') return this.#peers.standbyNode;
    if (who === 'redis') return this.#peers.redisNode;
    throw new Error(`"${who}" is neither leader, standby nor redis.`);
  }

  #redis(what: string | undefined): void {
    const { redis } = this.#peers;
    if (what === 'emptied') redis.flushAll();
    else if (what === 'restarted') redis.restartEmpty();
    else if (what === 'copied') redis.replicate();
    else if (what === 'failed-over') redis.failOver();
    else throw new Error(`Redis cannot be "${what}".`);
  }

  #heads(): Words {
    return this.#peers.describe().map((line) => `> ${line}`);
  }

  #tasks(): Words {
    const { submitted, driverNodes, oracle } = this.#cluster;
    const ended = driverNodes.reduce((sum, { finished }) => sum + finished, 0);
    const broken = oracle.violations.map(({ invariant, what }) => `> broken: ${invariant}, ${what}`);
    return [`> ${submitted} submitted, ${ended} ended; promises broken: ${broken.length}`, ...broken];
  }
}
