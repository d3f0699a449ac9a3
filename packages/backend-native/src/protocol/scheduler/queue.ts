/** Where tasks wait: lanes hold classes, classes hold tasks. Adding, taking and leaving cost the same however many wait. */
import { PriorityQueue } from '@anant/core';
import type { Lane, TaskClass, TaskEntry } from './entries.js';
import { endGangTurn } from './gang-turn.js';
import { amountsOf, keyOf, NOTHING } from './resources.js';
import type { SchedulerState } from './state.js';
import type { TaskPlacement, TaskSpec } from './task-spec.js';

/** The class of tasks that ask for nothing. */
const PLAIN = '';
const ALONE = '!';

export function classKey({ resources, placement }: TaskSpec, isAlone: boolean): string {
  const mark = isAlone ? ALONE : PLAIN;
  if (resources === undefined && placement === undefined) return mark;
  const demand = resources === undefined ? '' : keyOf(amountsOf(resources));
  return `${mark}${demand}|${placement === undefined ? '' : placementKey(placement)}`;
}

function placementKey({ node, labels, group }: TaskPlacement): string {
  const pairs = Object.entries(labels ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([node ?? '', pairs, group?.name ?? '', group?.rule ?? '', group?.tasks ?? 0]);
}

export function laneOf(state: SchedulerState, name: string): Lane {
  const known = state.lanes.get(name);
  if (known) return known;
  const weight = state.options.weights[name] ?? 1;
  const lane: Lane = { name, weight, classes: new Map(), waiting: 0, dueMs: 0, heapIndex: -1 };
  state.lanes.set(name, lane);
  return lane;
}

/** Finds the class of a task, or opens it. */
export function classOf(state: SchedulerState, spec: TaskSpec, isAlone: boolean): TaskClass {
  const lane = laneOf(state, state.order.laneOf(spec));
  const key = classKey(spec, isAlone);
  const known = lane.classes.get(key);
  if (known) return known;
  const opened: TaskClass = {
    key,
    lane,
    amounts: spec.resources === undefined ? NOTHING : amountsOf(spec.resources),
    placement: spec.placement,
    isAlone,
    queue: new PriorityQueue(),
    blockedAt: 0,
    blockedSinceMs: -1,
    blockedBecause: '',
    reserved: undefined,
    turnFromMs: 0,
  };
  lane.classes.set(key, opened);
  state.classes += 1;
  return opened;
}

export function hasClass(state: SchedulerState, spec: TaskSpec): boolean {
  return state.lanes.get(state.order.laneOf(spec))?.classes.has(classKey(spec, false)) ?? false;
}

/** `back`: behind its equals. `front`: before them, as a task that waited already. */
export function enqueue(state: SchedulerState, entry: TaskEntry, where: 'back' | 'front'): void {
  const { class: own } = entry;
  const { lane } = own;
  entry.state = 'waiting';
  if (where === 'back') {
    own.queue.push(entry);
    // It may be the one that its gang waits for.
    if (own.placement?.group?.tasks !== undefined) own.blockedAt = 0;
  }
  if (where === 'front') {
    own.queue.unshift(entry);
    own.blockedAt = 0;
  }
  state.waiting += 1;
  lane.waiting += 1;
  // A lane that was empty does not catch up on the time it had nothing to run.
  if (lane.waiting === 1) state.readyLanes.set(lane, Math.max(lane.dueMs, state.virtualTime));
}

/** Takes a waiting task out, whether it is first or not. */
export function dequeue(state: SchedulerState, entry: TaskEntry): void {
  const { class: own } = entry;
  if (own.queue.first === entry) {
    own.blockedAt = 0;
    own.blockedSinceMs = -1;
  }
  own.queue.delete(entry);
  state.waiting -= 1;
  own.lane.waiting -= 1;
  if (own.lane.waiting === 0) state.readyLanes.delete(own.lane);
  if (own.queue.size === 0) closeClass(state, own);
}

/** Moves the lane's own time on for a task taken from it. */
export function charge(state: SchedulerState, lane: Lane, costUs: number): void {
  state.virtualTime = Math.max(state.virtualTime, lane.dueMs);
  moveLane(state, lane, state.order.charge(costUs, lane.weight));
}

/** The task was charged by an estimate; now it is known how long it ran. */
export function recharge(
  state: SchedulerState,
  { class: { lane }, estimateUs }: TaskEntry,
  runUs: number,
): void {
  const { order } = state;
  const change = order.charge(runUs, lane.weight) - order.charge(estimateUs, lane.weight);
  if (change !== 0) moveLane(state, lane, change);
}

function moveLane(state: SchedulerState, lane: Lane, change: number): void {
  if (lane.heapIndex >= 0) state.readyLanes.set(lane, lane.dueMs + change);
  else lane.dueMs += change;
}

function closeClass(state: SchedulerState, own: TaskClass): void {
  endGangTurn(state, own);
  if (own.reserved) own.reserved.reservedFor = undefined;
  if (own.reserved) state.capacityVersion += 1;
  own.reserved = undefined;
  if (own.key === PLAIN) return;
  own.lane.classes.delete(own.key);
  state.classes -= 1;
}

/** The class of the lane whose first task is next, among those that may be placed. */
export function nextClass(state: SchedulerState, lane: Lane): TaskClass | undefined {
  let best: TaskClass | undefined;
  let first: TaskEntry | undefined;
  for (const each of lane.classes.values()) {
    if (each.blockedAt === state.capacityVersion) continue;
    const task = each.queue.first;
    if (task === undefined || (first !== undefined && !isBefore(task, first))) continue;
    best = each;
    first = task;
  }
  return best;
}

function isBefore(left: TaskEntry, right: TaskEntry): boolean {
  return (
    left.priority > right.priority || (left.priority === right.priority && left.sequence < right.sequence)
  );
}
