export { assertNoEviction } from './assert-no-eviction.js';
export { createDoorbell } from './create-doorbell.js';
export { createMemoryDoorbell } from './create-memory-doorbell.js';
export type { DoorbellHost, DoorbellLog } from './doorbell-host.js';
export { createRateLimits, type SharedRateLimits } from './create-rate-limits.js';
export { createExchangeTail, type ExchangeTail } from './create-exchange-tail.js';
