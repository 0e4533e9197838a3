import { isSaidBefore, parseIdentityKey, type ResolvePlan } from '@firsthand/domain';
import { meetNewcomers } from '../erasure/meet-newcomers.js';
import type { IdentityLinkRow } from '../ports/rows.js';
import { linkIdOf, saidOfRow } from '../person/link-rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { Candidate } from './apply-context.js';

/**
 * Keeps links that a limit held back, for a person to decide on: each once, whatever was decided of it, by the first event that names both. Gives what the records are flagged with, by index, also for links that were refused because of a limit.
 * What a link would have given somebody meets an erasure of whoever has it: that one's rows are not written here, so neither would see the other, and the link would outlast the erasure.
 */
export async function holdLinks(
  tx: Pick<StoreTransaction, 'findIdentities' | 'findIdentityLinks' | 'insertIdentities' | 'removePeople' | 'shareIdentities' | 'writeIdentityLinks'>, { heldLinks, refusedLinks }: Pick<ResolvePlan, 'heldLinks' | 'refusedLinks'>, candidates: readonly Candidate[],
  { workspaceId, now, newId }: { workspaceId: string; now: number; newId(): string },
): Promise<Map<number, string[]>> {
  const flags = new Map<number, string[]>();
  const flag = (record: number, how: string, key: string): unknown => flags.set(record, [...(flags.get(record) ?? []), `identity-${how}:${parseIdentityKey(key).namespace}`]);
  for (const { record, identityKey, reason } of refusedLinks) if (reason === 'limit' || reason === 'held') flag(record, reason === 'held' ? 'held' : 'over-limit', identityKey);
  const held = [...new Set(refusedLinks.flatMap(({ identityKey, reason }) => (reason === 'held' ? [identityKey] : [])))];
  if (held.length > 0) {
    await tx.shareIdentities(workspaceId, new Map(held.map((key) => [key, null])));
    await meetNewcomers(tx, workspaceId, held, newId(), now);
  }
  const rows = new Map<string, IdentityLinkRow>();
  for (const { record, keys, breach } of heldLinks) {
    const candidate = candidates[record] as Candidate;
    const linkId = linkIdOf(workspaceId, keys);
    // Of a batch the first that names both comes first.
    if (!rows.has(linkId)) rows.set(linkId, { linkId, workspaceId, keys: [...keys], breach, causeEventId: candidate.eventId, connectionId: candidate.item.record.connectionId, at: now, occurredAt: candidate.record.occurredAt, state: 'pending', decidedAt: null });
  }
  if (rows.size === 0) return flags;
  const asked = await tx.findIdentityLinks([...rows.keys()]);
  await tx.writeIdentityLinks([...rows.values()].flatMap((row) => {
    const known = asked.get(row.linkId);
    if (known === undefined) return [row];
    const { causeEventId, connectionId, occurredAt } = row;
    return known.state === 'pending' && isSaidBefore(saidOfRow(row), saidOfRow(known)) ? [{ ...known, causeEventId, connectionId, ...(occurredAt === undefined ? {} : { occurredAt }) }] : [];
  }));
  return flags;
}
