/** How results of other tasks stand in for values inside an input, and what they turn into. */
import type { ObjectRef } from '../../contract/index.js';
import type { GraphNode } from './graph.js';
import type { StoredObject } from './stored-object.js';
import type { TaskHandle } from './task-handle.js';

/** Anything that stands for a `Value` which need not exist yet, or lies in a backend's store. */
export type Pending<Value> =
  | TaskHandle<Value>
  | TaskHandle<StoredObject<Value>>
  | GraphNode<Value>
  | StoredObject<Value>
  | ObjectRef;

type Whole =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>;

/** A task's input in which any part may be the result of another task, or a stored object. */
export type InputOf<Value> =
  | Value
  | Pending<Value>
  | (Value extends Whole
      ? never
      : Value extends object
        ? { readonly [Key in keyof Value]: InputOf<Value[Key]> }
        : never);

/** The value of whatever a graph's builder returned: nodes become their results, structure stays. */
export type ResultsOf<Shape> =
  Shape extends GraphNode<infer Value>
    ? Value
    : Shape extends Whole
      ? Shape
      : Shape extends object
        ? { -readonly [Key in keyof Shape]: ResultsOf<Shape[Key]> }
        : Shape;
