/** How a client and its backends are. */
import type { BackendHealth } from '../../contract/index.js';

/** `idle`: not needed so far, so not started. */
export type BackendPhase = 'idle' | 'starting' | 'ready' | 'degraded' | 'down' | 'failed' | 'stopped';

export interface BackendReport {
  readonly phase: BackendPhase;
  /** Why it is not ready; empty when it is. */
  readonly reason: string;
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Attempts handed over and not ended. */
  readonly openAttempts: number;
  /** Tasks waiting in the client for this backend. */
  readonly waitingTasks: number;
  /** What the backend itself says; missing unless it runs and answered within 5 seconds. */
  readonly health?: BackendHealth;
}

export interface ClientHealth {
  readonly state: 'open' | 'closing' | 'closed';
  readonly openTasks: number;
  readonly backends: Readonly<Record<string, BackendReport>>;
}
