import type { StoreTransaction } from '@firsthand/pipeline';
import { intercepted } from '../consent-model/mutants.js';
import type { Mutant } from '../consent-model/world.js';

/** A consent to the brand's own processors is taken for one to third parties, too. */
export function sharedConsent(): Mutant {
  return {
    ofApply: (store) => store,
    ofLanes: (store) => intercepted(store, {
      findConsentStates: async (tx, ...who) => new Map([...await tx.findConsentStates(...who)].map(([profileId, state]) => [
        profileId, Object.fromEntries(Object.entries(state).map(([purpose, { processor, ...standings }]) => [purpose, processor === undefined ? standings : { ...standings, processor, 'third-party': processor }])),
      ])),
    }),
  };
}

/** What a system tells of our own writes is taken for news. */
export function echoesAsEdits(): Mutant {
  return { ofApply: (store) => intercepted(store, { findSyncStates: () => Promise.resolve([]) }), ofLanes: (store) => store };
}

/** That users of a system deleted somebody there is not noted. */
export function deafToDeletions(): Mutant {
  return { ofApply: (store) => intercepted(store, { writeSyncStates: (tx, rows) => tx.writeSyncStates(rows.map(({ deleted: _, ...row }) => row)) }), ofLanes: (store) => store };
}

/** What a system holds is not looked at before it is written. */
export function blindWrites(): Mutant {
  return { ofApply: (store) => store, ofLanes: (store) => intercepted(store, { findSyncStates: () => Promise.resolve([]) }) };
}

/** Who leaves a segment is taken off no list. */
export function lastingLists(): Mutant {
  return { ofApply: (store) => intercepted(store, { insertDeliveries: (tx, rows) => tx.insertDeliveries(rows.filter(({ cause }) => cause !== 'segment-left')) }), ofLanes: (store) => store };
}

/** Whom the review of a link tells apart, no system is told of. */
export function silentSettlement(): Mutant {
  const settling = new WeakSet<StoreTransaction>();
  return {
    ofApply: (store) => store, ofLanes: (store) => store,
    ofFronts: (store) => intercepted(store, {
      writeIdentityLinks: (tx, rows) => {
        if (rows.some(({ state }) => state === 'pending')) settling.add(tx);
        return tx.writeIdentityLinks(rows);
      },
      insertDeliveries: (tx, rows) => tx.insertDeliveries(settling.has(tx) ? [] : rows),
    }),
  };
}

/** Nobody is told of who was erased. */
export function silentErasure(): Mutant {
  return { ofApply: (store) => store, ofLanes: (store) => store, ofFronts: (store) => intercepted(store, { insertDeliveries: (tx, rows) => tx.insertDeliveries(rows.filter(({ cause }) => cause !== 'erased')) }) };
}

/** What is given up counts nowhere. */
export function looseBooks(): Mutant {
  return { ofApply: (store) => store, ofLanes: (store) => intercepted(store, { insertLedger: (tx, workspaceId, entries) => tx.insertLedger(workspaceId, entries.filter(({ counts }) => !Object.keys(counts).some((key) => key.startsWith('dead.')))) }) };
}
