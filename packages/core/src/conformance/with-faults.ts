/**
 * A backend around another one on which everything goes legally wrong: submissions arrive twice, cancel requests and
 * releases are repeated and reordered, credits are split, health is asked at odd moments, events come late. A backend
 * that keeps the contract behaves the same. Seeded, so that a failure repeats.
 */
import type { BackendV1, Clock, Random, StartContext, TaskEnvelope, TaskEvent } from '../contract/index.js';
import { isObjectStore, isStreamSource, systemClock } from '../contract/index.js';
import { randomInteger, seededRandom } from '../testing/seeded-random.js';
import { sideInterfacesOf } from './side-interfaces.js';

/** Longest time an event batch is held back, in milliseconds. */
export const EVENT_DELAY_MS_MAX = 10;
/** Releases held back at most before they are passed on, in a mixed order. */
export const RELEASES_HELD_MAX = 16;

/** How often each fault strikes, as a chance in [0, 1]. */
const CHANCE = { duplicateSubmit: 0.3, splitBatch: 0.3, delayEvents: 0.3, health: 0.1, duplicateCancel: 0.5 };

export function withFaults(backend: BackendV1, seed: number): BackendV1 {
  const random = seededRandom(seed);
  const strikes = (chance: number) => random() < chance;
  const events = new DelayedEvents(random);
  const releases = new HeldReleases(backend, random);
  return {
    ...sideInterfacesOf(backend),
    spec: backend.spec,
    id: backend.id,
    manifest: backend.manifest,
    doStart(context: StartContext) {
      return backend.doStart({ ...context, emit: events.through(context) });
    },
    doSubmit(tasks) {
      for (const batch of strikes(CHANCE.splitBatch) ? split(tasks, random) : [tasks]) {
        backend.doSubmit(batch.flatMap((task) => (strikes(CHANCE.duplicateSubmit) ? [task, task] : [task])));
      }
      if (strikes(CHANCE.health)) backend.doHealth().catch(() => {});
    },
    async doCancel(requests) {
      const answers = backend.doCancel(requests);
      if (strikes(CHANCE.duplicateCancel)) backend.doCancel([...requests].reverse()).catch(() => {});
      return answers;
    },
    async doHealth() {
      const [health] = await Promise.all([backend.doHealth(), backend.doHealth()]);
      return health;
    },
    async doStop(options) {
      releases.flush();
      await backend.doStop(options);
      events.flush();
    },
    ...(isStreamSource(backend) && {
      doStreamCredit(id: string, attempt: number, credits: number) {
        const first = randomInteger(random, credits + 1);
        if (first > 0) backend.doStreamCredit(id, attempt, first);
        if (credits > first) backend.doStreamCredit(id, attempt, credits - first);
        backend.doStreamCredit(`${id}-unknown`, attempt, 1);
      },
    }),
    ...(isObjectStore(backend) && {
      doGet(id: string) {
        releases.flush();
        return backend.doGet(id);
      },
      doRelease: (ids: readonly string[]) => releases.add(ids),
    }),
  };
}

function split(tasks: readonly TaskEnvelope[], random: Random): readonly (readonly TaskEnvelope[])[] {
  const at = randomInteger(random, tasks.length + 1);
  return [tasks.slice(0, at), tasks.slice(at)].filter((batch) => batch.length > 0);
}

/** Holds event batches back for a while; their order stays, as the contract says. */
class DelayedEvents {
  #held: (readonly TaskEvent[])[] = [];
  #emit: StartContext['emit'] = () => {};
  #clock: Clock = systemClock;
  #cancelTimer: (() => void) | undefined;

  constructor(readonly random: Random) {}

  through(context: StartContext): StartContext['emit'] {
    this.#emit = context.emit;
    this.#clock = context.clock;
    return (events) => {
      this.#held.push(events);
      if (this.#cancelTimer !== undefined) return;
      if (this.random() >= CHANCE.delayEvents) return this.flush();
      const delayMs = this.random() * EVENT_DELAY_MS_MAX;
      this.#cancelTimer = this.#clock.schedule(delayMs, () => this.flush());
    };
  }

  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const held = this.#held;
    this.#held = [];
    for (const events of held) this.#emit(events);
  }
}

/** Collects releases and passes them on late, shuffled and repeated. */
class HeldReleases {
  #held: string[] = [];

  constructor(
    readonly backend: BackendV1,
    readonly random: Random,
  ) {}

  add(ids: readonly string[]): void {
    this.#held.push(...ids);
    if (this.#held.length >= RELEASES_HELD_MAX) this.flush();
  }

  flush(): void {
    if (this.#held.length === 0 || !isObjectStore(this.backend)) return;
    const shuffled = this.#held
      .map((id) => ({ id, order: this.random() }))
      .sort((left, right) => left.order - right.order);
    this.#held = [];
    const ids = shuffled.map(({ id }) => id);
    this.backend.doRelease(ids);
    this.backend.doRelease([...ids].reverse());
  }
}
