/** "math-sx joined": the tags and the users of each post of math.stackexchange as one hyperedge. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Ids of users start here; tags keep theirs. */
const FIRST_USER = 1_000_000;

function* integers(path) {
  const text = gunzipSync(readFileSync(path));
  let value = -1;
  for (const byte of text) {
    const digit = byte - 48;
    if (digit >= 0 && digit <= 9) value = (value < 0 ? 0 : value * 10) + digit;
    else if (value >= 0) {
      yield value;
      value = -1;
    }
  }
  if (value >= 0) yield value;
}

/** Adds the members of each simplex of a set to the hyperedge of its post. */
function addSet(posts, folder, name, shift) {
  const column = (what) => integers(join(folder, name, `${name}-${what}.txt.gz`));
  const sizes = column('nverts');
  const members = column('simplices');
  for (const post of column('simplex-labels')) {
    const list = posts.get(post) ?? [];
    posts.set(post, list);
    for (let left = sizes.next().value; left > 0; left--) list.push(members.next().value + shift);
  }
}

/**
 * Writes the joined set, one hyperedge per line.
 * @param folder Holds the sets `tags-math-sx` and `threads-math-sx`.
 */
export function writeJoined(folder, path) {
  const posts = new Map();
  addSet(posts, folder, 'tags-math-sx', 0);
  addSet(posts, folder, 'threads-math-sx', FIRST_USER);
  writeFileSync(path, [...posts.values()].map((members) => `${members.join(' ')}\n`).join(''));
}
