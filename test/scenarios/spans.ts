/** Spans of virtual time in transcripts. */
export function milliseconds(span: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(span ?? '');
  if (match === null) throw new Error(`"${span}" is no span of time: write 200ms, 10s or 2m.`);
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as 'ms' | 's' | 'm'];
}
