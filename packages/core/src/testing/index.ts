export type { EventFate } from './memory/event-outlet.js';
export type { MemoryBackend, MemoryBackendOptions } from './memory/memory-backend.js';
export { memoryBackend } from './memory/memory-backend.js';
export type { MemoryFaults, Refusal } from './memory/memory-faults.js';
export { randomInteger, seededRandom } from './seeded-random.js';
export type { VirtualClockOptions } from './virtual-clock.js';
export { REAL_TURNS_MAX, VIRTUAL_TIMERS_MAX, VirtualClock } from './virtual-clock.js';
