/** What the head and the thread that writes its journal say to each other. */
export interface EncodedEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export type JournalRequest =
  | { readonly type: 'read' }
  | { readonly type: 'append'; readonly entries: readonly EncodedEntry[] }
  /** `scope`: which entries the snapshot replaces, those up to `index` or every one. */
  | {
      readonly type: 'compact';
      readonly index: number;
      readonly parts: readonly Uint8Array[];
      readonly scope: 'until' | 'all';
    }
  | { readonly type: 'close' };

export type JournalReply =
  | { readonly type: 'opened' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'entry'; readonly where: string; readonly bytes: Uint8Array }
  | { readonly type: 'read-done' }
  | { readonly type: 'durable'; readonly index: number }
  | { readonly type: 'state'; readonly state: 'writable' | 'read-only'; readonly reason: string }
  | { readonly type: 'compacted'; readonly reason: string }
  | { readonly type: 'closed' };
