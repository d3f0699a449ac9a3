/**
 * A map whose entries come and go all the time. V8 keeps in every table that a Map has outgrown a pointer to its
 * successor: once one of them is old, each later one, and what was in it, outlives the fast collections of young objects.
 * This one moves to a new Map before that costs anything; a collection then takes one or two milliseconds, not fifty.
 */

/** Entries that may be added before it moves, and the share of what it holds that makes moving cheap enough. */
const ADDED_MIN = 2_048;
const ADDED_SHARE = 2;
/** A map that holds more does not move: what it holds lives long in any case. */
const SIZE_MOVED_MAX = 8_192;

export class ChurnMap<Key, Value> {
  #map = new Map<Key, Value>();
  #added = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: Value): this {
    this.#added += 1;
    if (this.#added > ADDED_MIN) this.#move();
    this.#map.set(key, value);
    return this;
  }

  delete(key: Key): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map = new Map();
    this.#added = 0;
  }

  /** In the order they were added. Whoever adds while it iterates copies them first. */
  values(): MapIterator<Value> {
    return this.#map.values();
  }

  keys(): MapIterator<Key> {
    return this.#map.keys();
  }

  #move(): void {
    const { size } = this.#map;
    if (size > SIZE_MOVED_MAX) this.#added = 0;
    else if (this.#added > ADDED_SHARE * size) {
      this.#map = new Map(this.#map);
      this.#added = 0;
    }
  }
}
