export { connectStore, type ConnectedStore, type StoreLog } from './connect-store.js';
export { migrate } from './migrate.js';
export type { Migration } from './migrations.js';
export type { Collections } from './store/collections.js';
export type * from './store/stored-rows.js';
export { storeKey } from './store/store-key.js';
