/** Kinds of task (definition and options) that sessions have named, each once, numbered for as long as this head runs. */
import { createHash } from 'node:crypto';
import { AnantError, type Delivery, GROUP_RULES, type GroupRule, type Resources } from '@anant/core';
import type { TaskPlacement } from '../../protocol/scheduler/task-spec.js';
import { readDefinition, resourcesOf } from '../control/template-reading.js';
import { TEMPLATES_MAX } from '../limits.js';
import { Template } from '../proto/anant/v1/common.js';

/** A template as the scheduler and the workers see it. */
export interface KnownTemplate {
  readonly number: number;
  /** As it goes to workers, under the number of this table. */
  readonly wire: Template;
  /** Equal for equal contents: part of the digest of a task. */
  readonly key: string;
  readonly definition: string;
  readonly priority: number;
  readonly tenant: string;
  readonly delivery: Delivery;
  readonly resources: Resources | undefined;
  readonly placement: TaskPlacement | undefined;
  sessions: number;
}

/** Templates of all sessions together; at the bound, tasks of new kinds are refused with E_QUEUE_FULL. */
const TABLE_MAX = 64 * 1024;

export interface TemplateTableOptions {
  /** Called for every template that is new, and when nobody uses it any more. */
  readonly onAdd: (template: KnownTemplate) => void;
  readonly onRelease: (template: KnownTemplate) => void;
}

export class TemplateTable {
  readonly #options: TemplateTableOptions;
  readonly #byKey = new Map<string, KnownTemplate>();
  readonly #byNumber = new Map<number, KnownTemplate>();
  #count = 0;

  constructor(options: TemplateTableOptions) {
    this.#options = options;
  }

  find(number: number): KnownTemplate | undefined {
    return this.#byNumber.get(number);
  }

  /** Takes in a template of the head before this one, under its number; nobody uses it yet. */
  restore(wire: Template): KnownTemplate {
    const template = read(wire, keyOf(wire), wire.number);
    template.sessions = 0;
    this.#put(template);
    this.#count = Math.max(this.#count, template.number);
    return template;
  }

  /** @throws AnantError when the template is malformed or the table is full */
  add(template: Template): KnownTemplate {
    const key = keyOf(template);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.sessions += 1;
      return known;
    }
    if (this.#byKey.size >= TABLE_MAX) throw full('the head', TABLE_MAX);
    this.#count += 1;
    const made = read(template, key, this.#count);
    this.#put(made);
    this.#options.onAdd(made);
    return made;
  }

  /** A session that used it is gone. */
  release(template: KnownTemplate): void {
    template.sessions -= 1;
    if (template.sessions > 0) return;
    this.#byKey.delete(template.key);
    this.#byNumber.delete(template.number);
    this.#options.onRelease(template);
  }

  #put(template: KnownTemplate): void {
    this.#byKey.set(template.key, template);
    this.#byNumber.set(template.number, template);
  }
}

/** The templates of one session, by the session's own numbers. */
export class SessionTemplates {
  readonly #byNumber = new Map<number, KnownTemplate>();
  readonly #presumed: KnownTemplate[] = [];

  constructor(private readonly table: TemplateTable) {}

  find(number: number): KnownTemplate | undefined {
    return this.#byNumber.get(number);
  }

  /** @throws AnantError when the template is malformed or there are too many */
  add(template: Template): void {
    const known = this.#byNumber.get(template.number);
    if (known !== undefined) {
      if (known.key === keyOf(template)) return;
      throw new AnantError('E_PROTOCOL', `The session uses the template number ${template.number} twice.`);
    }
    if (this.#byNumber.size >= TEMPLATES_MAX) throw full('a session', TEMPLATES_MAX);
    this.#byNumber.set(template.number, this.table.add(template));
  }

  /** Tasks of this session that outlived a head may use any of these. */
  presume(templates: readonly KnownTemplate[]): void {
    for (const template of templates) template.sessions += 1;
    this.#presumed.push(...templates);
  }

  clear(): void {
    for (const template of [...this.#byNumber.values(), ...this.#presumed]) this.table.release(template);
    this.#byNumber.clear();
    this.#presumed.length = 0;
  }
}

function full(holder: string, max: number): AnantError {
  return new AnantError('E_QUEUE_FULL', `As many kinds of task are known as ${holder} may have: ${max}.`, {
    advice: 'Use the same definitions and options again, or open another session.',
  });
}

function keyOf(template: Template): string {
  const bytes = Template.encode({ ...template, number: 0 }).finish();
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}

function read(wire: Template, key: string, number: number): KnownTemplate {
  const { kind, name, version } = readDefinition(wire.definition);
  if (wire.delivery !== 'at-least-once' && wire.delivery !== 'at-most-once') {
    throw new AnantError('E_PROTOCOL', `"${wire.delivery}" is no way of delivery.`);
  }
  return {
    number,
    wire: { ...wire, number },
    key,
    definition: `${kind}:${name}@${version}`,
    priority: wire.priority,
    tenant: wire.tenant,
    delivery: wire.delivery,
    resources: wire.resources && resourcesOf(wire.resources),
    placement: placementOf(wire),
    sessions: 1,
  };
}

/** @throws AnantError when the rule of the group is none */
function placementOf({ node, labels, group, groupRule, groupTasks }: Template): TaskPlacement | undefined {
  const hasLabels = Object.keys(labels).length > 0;
  if (node === '' && !hasLabels && group === '') return undefined;
  if (group !== '' && !(GROUP_RULES as readonly string[]).includes(groupRule)) {
    throw new AnantError('E_PROTOCOL', `"${groupRule}" is no rule of a group.`);
  }
  const rule = groupRule as GroupRule;
  return {
    ...(node !== '' && { node }),
    ...(hasLabels && { labels }),
    ...(group !== '' && { group: { name: group, rule, ...(groupTasks > 0 && { tasks: groupTasks }) } }),
  };
}
