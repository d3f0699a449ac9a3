/**
 * math-sx joined: the union of tags-math-sx and threads-math-sx on the post id. Every post is a hyperedge of its tags
 * and its users. Vertices are integers: users as they are, tags above a million.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Hypergraph } from '@anant/graph';
import { pathOf } from './data-sets.mjs';

async function integers(folder, part) {
  const name = folder.split('/').at(-1);
  const file = join(folder, `${name}-${part}.txt.gz`);
  const values = [];
  for await (const line of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
    if (line !== '') values.push(Number(line));
  }
  return values;
}

const TAGS_FROM = 1_000_000;

/** Posts by id: `[id, members]`. */
async function postsOf(set, firstVertex) {
  const folder = pathOf(set);
  const [sizes, members, posts] = await Promise.all(
    ['nverts', 'simplices', 'simplex-labels'].map((part) => integers(folder, part)),
  );
  let at = 0;
  return sizes.map((size, index) => {
    const start = at;
    at += size;
    return [posts[index], members.slice(start, at).map((member) => firstVertex + member)];
  });
}

/** @returns The hypergraph, hyperedges in rising order of post ids. */
export async function mathSxJoined() {
  const joined = new Map();
  for (const [set, firstVertex] of [
    ['tags-math-sx', TAGS_FROM],
    ['threads-math-sx', 0],
  ]) {
    for (const [post, members] of await postsOf(set, firstVertex)) {
      const known = joined.get(post);
      if (known) known.push(...members);
      else joined.set(post, members);
    }
  }
  const posts = [...joined.keys()].sort((a, b) => a - b);
  return Hypergraph.from(posts.map((post) => joined.get(post)));
}
