/** What the session wants done: the only way it touches the world. */
import type { ErrorCode, TaskEvent } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';

export interface SendEffect {
  readonly type: 'send';
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** What the bridge says of itself and its engine when the session begins. */
export interface Welcome {
  readonly epoch: number;
  readonly engine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, string>>;
  readonly slots: number;
  readonly windowTasks: number;
  readonly payloadBytesMax: number;
  /** Whether large buffers may travel as files of the shared directory. */
  readonly isShared: boolean;
}

/** Why the session is over. `isFinal` when another one would end the same way. */
export interface SessionEnd {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice?: string;
  readonly isFinal: boolean;
}

export type CallReply =
  | { readonly ok: unknown; readonly value?: EncodedValue }
  | { readonly error: { readonly code: string; readonly message: string; readonly advice?: string } };

export type SessionEffect =
  | SendEffect
  | { readonly type: 'welcome'; readonly welcome: Welcome }
  | { readonly type: 'emit'; readonly events: readonly TaskEvent[] }
  | { readonly type: 'settle'; readonly call: number; readonly reply: CallReply }
  | { readonly type: 'state'; readonly state: 'ready' | 'degraded' | 'down'; readonly reason: string }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'over'; readonly end: SessionEnd };
