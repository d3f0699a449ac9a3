/** What a published package must hold, checked on what npm packed. */
const ALWAYS = ['LICENSE', 'NOTICE', 'README.md', 'package.json'];
/** Of no use to who installs the package. */
const NEVER = /^src\/|\.tsbuildinfo$|\.test(-d)?\.|(^|\/)(test|fixtures)\//;

/**
 * Fails when a package lacks a file that it names or owes, or holds one that nobody who installs it needs.
 * @param files paths within the tarball
 */
export function checkTarball({ name, exports, bin = {} }, files) {
  const held = new Set(files);
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'object' ? Object.values(target) : [target],
  );
  const named = [...targets, ...Object.values(bin)].map((path) => path.replace('./', ''));
  const isThere = (path) =>
    path.includes('*') ? files.some((file) => file.startsWith(path.split('*')[0])) : held.has(path);
  const missing = [...ALWAYS, ...named].filter((path) => !isThere(path));
  if (missing.length > 0) throw new Error(`The tarball of ${name} lacks ${missing.join(', ')}`);
  const untyped = typedEntries(exports).length === 0;
  if (untyped) throw new Error(`${name} has no entry with declarations`);
  const needless = files.filter((file) => NEVER.test(file));
  if (needless.length > 0) throw new Error(`The tarball of ${name} holds ${needless.join(', ')}`);
}

/** Entries of `exports` that are one JavaScript module with declarations. */
export const typedEntries = (exports) =>
  Object.entries(exports)
    .filter(([, target]) => typeof target === 'object' && target.types !== undefined)
    .map(([path]) => path);
