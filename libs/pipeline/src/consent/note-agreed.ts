import { encodeStoredKey, isRefusal, waitingScope, type ConsentPlace, type ConsentState } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { AgreedAt, StoreTransaction } from '../ports/store.js';

/** Until when anybody is known to have agreed at a place; undefined where nobody has. */
export function latestAgreed(agreedAt: AgreedAt, [purpose, scope]: ConsentPlace): number | undefined {
  const known = ['all', keyOf(purpose, scope)].flatMap((key) => (Object.hasOwn(agreedAt, key) ? [agreedAt[key] as number] : []));
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * Notes what stands of people as agreed to, or waits to be, on the identities that others are known by too: whether a refusal there is a repeat can be told from these without going through whoever is known by them. Called
 * wherever a consent state is written, and where somebody comes to such an identity.
 */
export async function noteAgreed(tx: Pick<StoreTransaction, 'noteAgreed'>, workspaceId: string, people: readonly PersonWork[]): Promise<void> {
  const agreed = new Map<string, AgreedAt>();
  for (const { consents, profile: { sharedKeys = [] } } of people) {
    const own = sharedKeys.length === 0 ? {} : agreedIn(consents);
    if (Object.keys(own).length > 0) for (const key of sharedKeys) agreed.set(key, latest(agreed.get(key) ?? {}, own));
  }
  await tx.noteAgreed(workspaceId, agreed);
}

function agreedIn(state: ConsentState): AgreedAt {
  const agreed: Record<string, number> = {};
  for (const [purpose, standings] of Object.entries(state)) {
    for (const [scope, standing] of Object.entries(standings)) {
      // A refusal ends what waits, and is news to whom something waits of.
      if (standing !== undefined && !isRefusal(standing.decision)) Object.assign(agreed, latest(agreed, { [keyOf(purpose, scope.replace(WAITING, ''))]: standing.effectiveAt }));
    }
  }
  return agreed;
}

const WAITING = waitingScope('');

function latest(one: AgreedAt, other: AgreedAt): AgreedAt {
  return { ...one, ...Object.fromEntries(Object.entries(other).map(([key, at]) => [key, Math.max(at, Object.hasOwn(one, key) ? (one[key] as number) : at)])) };
}

function keyOf(purpose: string, scope: string): string {
  return encodeStoredKey(`${purpose}|${scope}`);
}
