/** Checks the parts of a message body from the other side; every failure is a TypeError that names the part. */

type Body = Readonly<Record<string, unknown>>;

export function readText(body: Body, key: string): string {
  const value = body[key];
  if (typeof value !== 'string') throw new TypeError(`"${key}" must be a string.`);
  return value;
}

/** A whole number that is not negative. */
export function readCount(body: Body, key: string): number {
  const value = Number(body[key]);
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`"${key}" must be a whole number.`);
  return value;
}

/** A map of strings; other values are shown as text. */
export function readTexts(body: Body, key: string): Record<string, string> {
  const value = body[key] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`"${key}" must be a map.`);
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, String(item)]));
}

export function readList(body: Body, key: string): readonly unknown[] {
  const value = body[key] ?? [];
  if (!Array.isArray(value)) throw new TypeError(`"${key}" must be a list.`);
  return value;
}

/** One of the given words. */
export function readWord<Word extends string>(value: unknown, words: readonly Word[], what: string): Word {
  if (!words.includes(value as Word)) throw new TypeError(`"${String(value)}" is no ${what}.`);
  return value as Word;
}
