import { mayBreakLimits, resolveIdentities, resolveWithinLimits, type IdentityLimits, type IdentityRules, type ResolveInput, type ResolvePlan } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';

/** What limits are asked by. */
export interface LimitContext {
  workspaceId: string;
  rules: Pick<IdentityRules, 'limitOf' | 'breaker'>;
  /** profileId → the person, of everybody whom the batch names. */
  works: ReadonlyMap<string, PersonWork>;
  now: number;
}

/**
 * Says who is who after a batch. Nothing is read for it where nobody grows beyond a limit; only where somebody may, the journal says how many have become one with them lately, and the batch is resolved again, link by link.
 */
export async function planWithinLimits(tx: Pick<StoreTransaction, 'findJournal'>, input: ResolveInput, { workspaceId, rules, works, now }: LimitContext): Promise<ResolvePlan> {
  const plan = resolveIdentities(input);
  const { maxIdentities, maxMerges, withinMs } = rules.breaker;
  const limits: IdentityLimits = {
    limitOf: rules.limitOf, maxIdentities, maxMerges,
    identitiesOf: (profileId) => works.get(profileId)?.profile.identities ?? [],
    mergesOf: (profileId) => works.get(profileId)?.profile.mergedFrom.length ?? 0,
  };
  if (!mayBreakLimits(plan, limits)) return plan;
  const lately = await readLateMerges(tx, workspaceId, works, now - withinMs);
  return resolveWithinLimits(input, { ...limits, mergesOf: (profileId) => lately.get(profileId) ?? 0 });
}

/** How many others have become one with each since a time, and still are. */
async function readLateMerges(tx: Pick<StoreTransaction, 'findJournal'>, workspaceId: string, works: LimitContext['works'], since: number): Promise<Map<string, number>> {
  const merged = [...works.values()].filter(({ profile }) => profile.mergedFrom.length > 0);
  const owners = new Map(merged.flatMap(({ profile: { profileId, mergedFrom } }) => [profileId, ...mergedFrom].map((id) => [id, profileId] as const)));
  const { joins } = await tx.findJournal(workspaceId, [...owners.keys()]);
  const counts = new Map<string, number>();
  for (const { winner, at, undoneAt } of joins) {
    const owner = owners.get(winner);
    if (owner !== undefined && undoneAt === null && at >= since) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return counts;
}
