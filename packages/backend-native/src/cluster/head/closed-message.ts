import type { SessionResponse } from '../proto/anant/v1/scheduler.js';

/** Tells a driver that its session is over here. An empty code: as it asked for. */
export const closedMessage = (code: string, reason: string): NonNullable<SessionResponse['message']> => ({
  $case: 'closed',
  value: { code, reason, leader: '' },
});
