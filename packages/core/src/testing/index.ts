export { randomInteger, seededRandom } from './seeded-random.js';
export type { VirtualClockOptions } from './virtual-clock.js';
export { REAL_TURNS_MAX, VIRTUAL_TIMERS_MAX, VirtualClock } from './virtual-clock.js';
