import type { ConsentStanding, ConsentState, Profile } from '@firsthand/domain';
import type { Store, StoreTransaction, WorkspaceConfiguration } from '@firsthand/pipeline';
import type { MemoryStore } from '../memory-store/create-memory-store.js';
import { NAMING_PURPOSE } from './scene.js';
import type { Mutant } from './world.js';

const CACHED_MS = 60_000;

/** One process keeps what people consented to for a minute, as a look-up over the network is often kept. */
export function cachedConsent(): Mutant {
  const kept = new Map<string, { at: number; state: ConsentState }>();
  return {
    ofApply: (store) => store,
    ofLanes: (store, world) => intercepted(store, {
      findConsentStates: async (tx, workspaceId, profileIds) => {
        const fresh = await tx.findConsentStates(workspaceId, profileIds);
        for (const profileId of profileIds) {
          const cached = kept.get(profileId);
          if (cached === undefined || world.now - cached.at >= CACHED_MS) kept.set(profileId, { at: world.now, state: fresh.get(profileId) ?? {} });
        }
        return new Map(profileIds.map((profileId) => [profileId, structuredClone(kept.get(profileId)?.state ?? {})]));
      },
    }),
  };
}

/** Consent is looked at when a delivery is queued, and what was found then is what it is sent on. */
export function queuedConsent(): Mutant {
  const queued = new Map<string, ConsentState>();
  return {
    ofApply: (store) => intercepted(store, {
      insertDeliveries: async (tx, rows) => {
        for (const { workspaceId, profileId } of rows) queued.set(profileId, (await tx.findConsentStates(workspaceId, [profileId])).get(profileId) ?? {});
        return tx.insertDeliveries(rows);
      },
    }),
    ofLanes: (store) => intercepted(store, {
      findConsentStates: async (tx, workspaceId, profileIds) => {
        const fresh = await tx.findConsentStates(workspaceId, profileIds);
        return new Map(profileIds.map((profileId) => [profileId, structuredClone(queued.get(profileId) ?? fresh.get(profileId) ?? {})]));
      },
    }),
  };
}

/** Who applies records looks for nobody who was erased. */
export function forgottenErasure(): Mutant {
  return {
    ofApply: (store) => intercepted(store, { findTombstones: () => Promise.resolve(new Set()) }),
    ofLanes: (store) => store,
  };
}

/** What is refused at a device is who has it by name's alone. */
export function ownersDevice(): Mutant {
  return { ofApply: (store) => intercepted(store, { findAllSharers: () => Promise.resolve(new Map()) }), ofLanes: (store) => store };
}

/** No mutant: whoever share a device are more than can be gone through, however few they are. */
export function crowds(): Mutant {
  return onCrowds((store) => store);
}

function onCrowds(otherwise: (store: Store) => Store): Mutant {
  const crowded = (store: Store): Store => intercepted(otherwise(store), {
    findAllSharers: async (tx, workspaceId, keys, limit) => new Map([...await tx.findAllSharers(workspaceId, keys, limit)].map(([key, ids]) => [key, [...ids, ...Array.from({ length: limit }, (_, n) => `nobody-${n}`)].slice(0, limit)])),
  });
  return { ofApply: crowded, ofFronts: crowded, ofLanes: (store) => store };
}

/** What is refused at a device of a crowd is who has it by name's, and theirs who come with the record. */
export function unmarkedCrowd(): Mutant {
  return onCrowds((store) => intercepted(store, { markShared: () => Promise.resolve() }));
}

/** Whether a refusal of a crowd is a repeat is told by what was refused there before alone, whatever any of them has agreed to since. */
export function forgottenYes(): Mutant {
  return onCrowds((store) => intercepted(store, { findAgreed: () => Promise.resolve(new Map()) }));
}

/** Whoever follows a link has agreed, whatever was said since it was sent. */
export function deafLink(): Mutant {
  const following = new WeakSet<StoreTransaction>();
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofFronts: (store) => intercepted(store, {
      findConfirmations: (tx, ids) => {
        following.add(tx);
        return tx.findConfirmations(ids);
      },
      findConsentRecords: async (tx, workspaceId, keys) => (await tx.findConsentRecords(workspaceId, keys)).filter(({ decision }) => decision === 'granted' || !following.has(tx)),
    }),
  };
}

/** What is released goes on the consent of the moment at which it was put aside. */
export function agedRelease(): Mutant {
  let aged: ReadonlyMap<string, ConsentState> = new Map();
  const releasing = new WeakSet<StoreTransaction>();
  const released = new Map<string, ConsentState>();
  return {
    ofApply: (store, { backend: { workspaceId } }) => intercepted(store, {
      insertQuarantine: async (tx, rows) => {
        if (rows.length > 0 && !releasing.has(tx)) aged = await tx.findConsentStates(workspaceId, await tx.findProfileIds(workspaceId, null, 100));
        return tx.insertQuarantine(rows);
      },
      removeQuarantined: (tx, ids) => {
        releasing.add(tx);
        return tx.removeQuarantined(ids);
      },
      insertDeliveries: (tx, rows) => {
        for (const { profileId } of releasing.has(tx) ? rows : []) released.set(profileId, aged.get(profileId) ?? {});
        return tx.insertDeliveries(rows);
      },
    }),
    ofLanes: (store) => intercepted(store, {
      findConsentStates: async (tx, workspaceId, profileIds) => new Map([...await tx.findConsentStates(workspaceId, profileIds)].map(([profileId, fresh]) => [profileId, structuredClone(released.get(profileId) ?? fresh)])),
    }),
  };
}

/** Who applies records knows of no yes to an older version: what a tool remembers is a yes to the newest. */
export function forgottenVersion(): Mutant {
  const isOld = ({ decision, agreementVersion }: Pick<ConsentStanding, 'decision' | 'agreementVersion'>, versions: readonly unknown[] = []): boolean => decision === 'granted' && (agreementVersion ?? 0) < versions.length;
  return {
    ofApply: (store, world) => intercepted(store, {
      findConsentStates: async (tx, workspaceId, profileIds) => new Map([...await tx.findConsentStates(workspaceId, profileIds)].map(([id, state]) => [id, Object.fromEntries(Object.entries(state).map(([purpose, standings]) => (
        [purpose, Object.fromEntries(Object.entries(standings).filter(([, standing]) => standing === undefined || !isOld(standing, world.versions)))])))])),
      findConsentRecords: async (tx, workspaceId, keys) => (await tx.findConsentRecords(workspaceId, keys)).filter((record) => !isOld(record, world.versions)),
    }),
    ofLanes: (store) => store,
  };
}

/** Two who are told apart again both keep what they had to share. */
export function stickyMerge(): Mutant {
  const shared = new WeakMap<StoreTransaction, ConsentState>();
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofFronts: (store) => intercepted(store, {
      undoMerge: async (tx, row, at) => {
        shared.set(tx, (await tx.findConsentStates(row.workspaceId, [row.winner])).get(row.winner) ?? {});
        return tx.undoMerge(row, at);
      },
      writeConsentStates: (tx, workspaceId, states) => {
        const both = shared.get(tx);
        return tx.writeConsentStates(workspaceId, both === undefined ? states : new Map([...states.keys()].map((profileId) => [profileId, structuredClone(both)])));
      },
    }),
  };
}

/** Whom the review of a link tells apart or joins keeps what stood of them before, and who is new by it has refused nothing. */
export function deafSettlement(): Mutant {
  const settling = new WeakSet<StoreTransaction>();
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofFronts: (store) => intercepted(store, {
      writeIdentityLinks: (tx, rows) => {
        settling.add(tx);
        return tx.writeIdentityLinks(rows);
      },
      writeConsentStates: (tx, workspaceId, states) => (settling.has(tx) ? Promise.resolve() : tx.writeConsentStates(workspaceId, states)),
    }),
  };
}

/** An identity goes from who its person was one with, not from whom it was given to. */
export function mergedMove(): Mutant {
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofFronts: (store) => intercepted(store, { moveIdentities: (tx, moves) => tx.moveIdentities(moves.map((move) => ({ ...move, from: move.before.profileId }))) }),
  };
}

/** One process keeps what it knows of people for a minute: another try may tell what was put right since. */
export function agedPeople(part: 'fields' | 'identities'): Mutant {
  const kept = new Map<string, { at: number; profile: Profile }>();
  return {
    ofApply: (store) => store,
    ofLanes: (store, world) => intercepted(store, {
      findProfiles: async (tx, workspaceId, profileIds) => new Map([...await tx.findProfiles(workspaceId, profileIds)].map(([id, fresh]) => {
        const cached = kept.get(id);
        if (cached === undefined || world.now - cached.at >= CACHED_MS) kept.set(id, { at: world.now, profile: fresh });
        return [id, structuredClone({ ...fresh, [part]: kept.get(id)?.profile[part] })];
      })),
    }),
  };
}

/** Who applies records takes an address for the person's that was found to be another's. */
export function forgottenStranger(): Mutant {
  return {
    ofApply: (store) => intercepted(store, { findProfiles: async (tx, workspaceId, profileIds) => new Map([...await tx.findProfiles(workspaceId, profileIds)].map(([id, { disowned: _, ...profile }]) => [id, profile])) }),
    ofLanes: (store) => store,
  };
}

/** Collection counts purposes that were not agreed to. */
export function unaskedCollection(): Mutant {
  const made = new WeakMap<WorkspaceConfiguration, WorkspaceConfiguration>();
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofRules: (configuration) => {
      const purposes = new Map([...configuration.purposes].map(([key, purpose]) => [key, key === NAMING_PURPOSE ? { ...purpose, lawfulBasis: 'contract' as const } : purpose]));
      const rules = made.get(configuration) ?? { ...configuration, purposes };
      made.set(configuration, rules);
      return rules;
    },
  };
}

/** What a law obliges to keep stays where it is, with whose it was. On the store in memory. */
export function namedHold(): Mutant {
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofErasures: (erasures, { backend, holds }) => ({
      ...erasures,
      async work(lease, now) {
        const { read, run, tables: { events } } = backend.store as MemoryStore;
        const there = lease.row.step.endsWith('events') && holds.has('event') ? await read((session) => session.select(events, ({ profileId }) => lease.row.profileIds.includes(profileId))) : [];
        const next = await erasures.work(lease, now);
        await run((session) => { for (const event of there) session.put(events, event.eventId, event); });
        return next;
      },
    }),
  };
}

/** A hold that is lifted keeps on. */
export function endlessHold(): Mutant {
  return { ofApply: (store) => store, ofLanes: (store) => store, ofErasures: (erasures) => ({ ...erasures, sweepHeld: () => Promise.resolve(0) }) };
}

/** An erasure knows of no hold. */
export function deafHold(): Mutant {
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofErasures: (erasures, { backend, holds }) => ({
      ...erasures,
      async work(lease, now) {
        for (const category of holds.keys()) await backend.hold(category, false);
        const next = await erasures.work(lease, now);
        for (const category of holds.keys()) await backend.hold(category, true);
        return next;
      },
    }),
  };
}

type Intercepted = 'findAgreed' | 'findAllSharers' | 'insertLedger' | 'markShared' | 'findProfiles' | 'findConsentStates' | 'findSyncStates' | 'insertMerges' | 'moveIdentities' | 'findConsentRecords' | 'findConfirmations' | 'insertDeliveries' | 'insertQuarantine' | 'removeQuarantined' | 'findTombstones' | 'undoMerge' | 'writeIdentityLinks' | 'writeConsentStates' | 'writeSyncStates';
type Methods = { [Name in Intercepted]?: (tx: StoreTransaction, ...args: Parameters<StoreTransaction[Name]>) => ReturnType<StoreTransaction[Name]> };

/** A store whose transactions do otherwise what is named. */
export function intercepted(store: Store, methods: Methods): Store {
  const transaction: Store['transaction'] = (work) => store.transaction((tx) => work(new Proxy(tx, {
    get(target, name: keyof StoreTransaction & string) {
      const other = methods[name as keyof Methods] as ((tx: StoreTransaction, ...args: unknown[]) => unknown) | undefined;
      return other === undefined ? target[name] : (...args: unknown[]) => other(target, ...args);
    },
  })));
  return new Proxy(store, { get: (target, name: keyof Store) => (name === 'transaction' ? transaction : target[name]) });
}
