/** What goes over to a backend for one attempt. */
import type { TaskEnvelope } from '../../contract/index.js';
import type { Task } from './task.js';

const NO_IDS: readonly string[] = Object.freeze([]);

export function envelopeOf(task: Task): TaskEnvelope {
  const { plan } = task;
  const envelope: { -readonly [Key in keyof TaskEnvelope]: TaskEnvelope[Key] } = {
    id: task.id,
    attempt: task.attempt,
    definition: plan.reference,
    input: task.input,
    references: task.references.length === 0 ? NO_IDS : task.references.map(({ id }) => id),
    options: plan.options.envelope,
  };
  if (plan.actor !== undefined) envelope.actor = plan.actor;
  if (plan.definition.local !== undefined) envelope.local = plan.definition.local;
  return envelope;
}
