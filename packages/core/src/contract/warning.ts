/** Something the user asked for that was honoured differently or not at all. A value on the result, never a log line. */
export interface Warning {
  readonly type: 'unsupported' | 'degraded' | 'fallback' | 'deprecated';
  /** The feature or option concerned. */
  readonly subject: string;
  readonly backend: string;
  readonly message: string;
}
