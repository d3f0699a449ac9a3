/** Builds `submit` messages, each within its bounds. */
import { attachValue } from '../wire/encoded-value.js';
import type { SendEffect } from './effect.js';
import { SUBMIT_BUFFERS_MAX, SUBMIT_HEAD_BYTES_MAX, SUBMIT_TASKS_MAX } from './limits.js';
import type { SessionTask, WireDefinition } from './session-task.js';

/** One or more messages that carry all tasks, in order. */
export function buildSubmissions(tasks: readonly SessionTask[]): SendEffect[] {
  const messages: SendEffect[] = [];
  let draft = new Draft();
  for (const task of tasks) {
    if (!draft.hasRoomFor(task)) {
      messages.push(draft.message);
      draft = new Draft();
    }
    draft.add(task);
  }
  if (draft.tasks.length > 0) messages.push(draft.message);
  return messages;
}

class Draft {
  readonly tasks: unknown[] = [];
  readonly #definitions = new Map<WireDefinition, number>();
  readonly #references: unknown[] = [];
  readonly #buffers: Uint8Array[] = [];
  #headBytes = 0;

  hasRoomFor({ value }: SessionTask): boolean {
    if (this.tasks.length === 0) return true;
    return (
      this.tasks.length < SUBMIT_TASKS_MAX &&
      this.#headBytes + value.body.byteLength <= SUBMIT_HEAD_BYTES_MAX &&
      this.#buffers.length + value.buffers.length <= SUBMIT_BUFFERS_MAX
    );
  }

  add(task: SessionTask): void {
    const { id, attempt, references, options } = task;
    this.#headBytes += task.value.body.byteLength;
    const value = attachValue(task.value, this.#buffers);
    this.tasks.push([this.#indexOf(task.definition), id, attempt, value, references, options]);
  }

  get message(): SendEffect {
    const body = { defs: this.#references, tasks: this.tasks };
    return { type: 'send', kind: 'submit', body, buffers: this.#buffers };
  }

  #indexOf(definition: WireDefinition): number {
    const known = this.#definitions.get(definition);
    if (known !== undefined) return known;
    const index = this.#references.push(definition.reference) - 1;
    this.#definitions.set(definition, index);
    return index;
  }
}
