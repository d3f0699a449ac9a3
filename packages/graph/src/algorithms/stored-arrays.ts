/**
 * Where the arrays of a graph are kept near a backend's workers. The first run on a backend sends them with the task;
 * from the second run on they lie in its object store, so that further runs send nothing.
 */
import type { Client, StoredObject } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';

export type ArrayName = 'edgeOffsets' | 'edgeMembers' | 'nodeOffsets' | 'nodeMembers';

export function arrayOf(graph: Hypergraph, name: ArrayName): Uint32Array {
  const { edgeToNodes, nodeToEdges } = graph;
  switch (name) {
    case 'edgeOffsets':
      return edgeToNodes.offsets;
    case 'edgeMembers':
      return edgeToNodes.members;
    case 'nodeOffsets':
      return nodeToEdges.offsets;
    case 'nodeMembers':
      return nodeToEdges.members;
  }
}

type Store = Pick<Client, 'put'>;

export class StoredArrays {
  readonly #client: Store;
  readonly #graph: Hypergraph;
  readonly #backend: string;
  readonly #stored = new Map<ArrayName, Promise<StoredObject<Uint32Array>>>();
  #runs = 0;
  /** Set once the backend refused to store: it will not be asked again. */
  #isRefused = false;

  constructor(client: Store, graph: Hypergraph, backend: string) {
    this.#client = client;
    this.#graph = graph;
    this.#backend = backend;
  }

  /** References to the arrays, or undefined when they should be sent with the task. Counts a run. */
  async referencesFor(
    names: readonly ArrayName[],
  ): Promise<Record<string, StoredObject<Uint32Array>> | undefined> {
    this.#runs += 1;
    if (this.#runs < 2 || this.#isRefused) return undefined;
    try {
      const entries = await Promise.all(
        names.map(async (name) => [name, await this.#reference(name)] as const),
      );
      return Object.fromEntries(entries);
    } catch {
      // A store that does not work costs speed, not results.
      this.#isRefused = true;
      this.forget();
      return undefined;
    }
  }

  /** Drops what is known to be stored, and lets the backend forget it. */
  forget(): void {
    for (const stored of this.#stored.values()) {
      stored.then(
        (object) => object.release(),
        () => undefined,
      );
    }
    this.#stored.clear();
  }

  #reference(name: ArrayName): Promise<StoredObject<Uint32Array>> {
    const known = this.#stored.get(name);
    if (known) return known;
    const stored = this.#client.put(arrayOf(this.#graph, name), { backend: this.#backend });
    this.#stored.set(name, stored);
    return stored;
  }
}

const byClient = new WeakMap<Store, WeakMap<Hypergraph, Map<string, StoredArrays>>>();

/** What is stored of a graph on a backend, through a client. Released when the graph is disposed of. */
export function storedArrays(client: Store, graph: Hypergraph, backend: string): StoredArrays {
  const byGraph = entryOf(byClient, client, () => new WeakMap<Hypergraph, Map<string, StoredArrays>>());
  const byBackend = entryOf(byGraph, graph, () => new Map<string, StoredArrays>());
  let stored = byBackend.get(backend);
  if (!stored) {
    stored = new StoredArrays(client, graph, backend);
    byBackend.set(backend, stored);
    graph.onDispose(() => stored?.forget());
  }
  return stored;
}

function entryOf<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
