/** Tasks of which each says when the head holds it, and how it ended. */
import { envelope, startBareDriver } from './bare-driver.mjs';
import { rest } from './tasks.mjs';

export class AcknowledgedTasks {
  #driver;
  #definition;
  /** Not acknowledged, in the order of their submission. */
  #waiting = [];
  #open = new Map();
  #count = 0;
  acknowledged = 0;
  /** Of those that were acknowledged: ended other than with their result. */
  lost = 0;

  static async start(cluster) {
    const tasks = new AcknowledgedTasks();
    tasks.#definition = await rest.reference();
    tasks.#driver = await startBareDriver(cluster, {
      onAcknowledged: (count) => tasks.#accept(count),
      onEnd: (end) => tasks.#end(end),
    });
    return tasks;
  }

  /** Tasks that take so many milliseconds each. @returns for each the promises `accepted` and `ended` */
  submit(durationsMs) {
    const envelopes = [];
    const handles = durationsMs.map((ms) => {
      this.#count += 1;
      const task = { id: `rest-${process.pid}-${this.#count}`, ms };
      task.accepted = new Promise((resolve) => {
        task.accept = resolve;
      });
      task.ended = new Promise((resolve) => {
        task.end = resolve;
      });
      this.#waiting.push(task);
      this.#open.set(task.id, task);
      envelopes.push(envelope(task.id, this.#definition, ms, { mode: 'async' }));
      return task;
    });
    this.#driver.submit(envelopes);
    return handles;
  }

  async stop() {
    await this.#driver.stop({ graceMs: 0 });
  }

  #accept(count) {
    for (const task of this.#waiting.splice(0, count)) {
      this.acknowledged += 1;
      task.accept();
    }
  }

  #end({ id, outcome }) {
    const task = this.#open.get(id);
    if (task === undefined) throw new Error(`"${id}" ended twice.`);
    this.#open.delete(id);
    if (outcome.status !== 'ok' || outcome.value !== task.ms) {
      this.lost += 1;
      console.error(`"${id}" ended ${JSON.stringify(outcome)}.`);
    }
    task.end();
  }
}
