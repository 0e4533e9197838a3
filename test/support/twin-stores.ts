import { createErasureStore } from '@firsthand/persistence';
import type { ErasureStore, Store } from '@firsthand/pipeline';
import { closeStore, openEmptyStore } from './empty-databases.js';
import { createMemoryErasures } from './memory-store/create-memory-erasures.js';
import { createMemoryStore } from './memory-store/create-memory-store.js';
import { row } from './store-rows.js';

/** A store, empty at each case, on MongoDB or in memory. */
export interface Twin {
  store: Store;
  erasures: ErasureStore;
}

/** The workspace of the rows of {@link row}. */
export const TWIN_WORKSPACE = 'acme';

/**
 * What the property tests rest on: the store in memory answers as the one on MongoDB does. Each case is run over both.
 *
 * @param cases gets what gives the twin of the case that runs
 * @example describeTwins('a subject', (twin) => { it('…', () => twin().store.transaction(…)); });
 */
export function describeTwins(subject: string, cases: (twin: () => Twin) => void): void {
  describe(`${subject} on MongoDB`, () => {
    let connected: Awaited<ReturnType<typeof openEmptyStore>>;
    beforeAll(async () => { connected = await openEmptyStore(); });
    afterAll(() => closeStore(connected));
    beforeEach(() => Promise.all(Object.values(connected.collections).map((collection) => collection.deleteMany({}))));
    cases(() => ({ store: connected.store, erasures: createErasureStore(connected.connection) }));
  });
  describe(`${subject} in memory`, () => {
    let twin: Twin;
    beforeEach(() => {
      const store = createMemoryStore();
      twin = { store, erasures: createMemoryErasures(store) };
    });
    cases(() => twin);
  });
}

/** Lets several reach the same line before any goes on. */
export function meeting(expected: number): () => Promise<void> {
  let arrived = 0;
  let open = () => undefined as void;
  const all = new Promise<void>((resolve) => { open = resolve; });
  return () => {
    arrived += 1;
    if (arrived >= expected) open();
    return all;
  };
}

/** A profile to be inserted or updated. */
export const write = (profileId: string, version = 1) => ({ profile: row.profile(profileId, { version }), dueAt: null });

/** Profiles that are new. */
export const inserted = (...ids: string[]) => ({ inserted: ids.map((id) => write(id)), updated: [], deleted: [] });
