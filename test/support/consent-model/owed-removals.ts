import { RECIPIENTS } from './scene.js';
import type { Evidence, Received, World } from './world.js';

/**
 * Each refusal is told to every recipient that had got data under what it refuses, or was just getting it: at the moment at which it is recorded a removal is made for them, whatever is decided afterwards.
 * Asked over the whole history, one entry of what was recorded after the other, and not only of how it ends: who agrees again had taken it back all the same.
 */
export function removalsNeverMade(world: World): string[] {
  const { model, received } = world;
  const sends = received.filter((one): one is Received & { evidence: Evidence; userId: string } => one.operation === 'send' && one.userId !== undefined && one.evidence !== undefined);
  return model.recorded.flatMap((entry, index) => (entry.kind !== 'decision' && entry.kind !== 'messages' ? [] : sends.flatMap(({ deliveryId, userId, evidence }) => {
    const row = world.rows.get(deliveryId);
    // What is decided on the refusal itself is asked elsewhere.
    if (row === undefined || evidence.known > index) return [];
    const recipient = RECIPIENTS[row.connectionId as keyof typeof RECIPIENTS];
    const key = `userId|${userId}`;
    const hasRefused = (known: number): boolean => model.hasRefused(key, row.purpose, recipient, known);
    if (hasRefused(index) || !hasRefused(index + 1)) return [];
    const isTheirs = (profileId: string): boolean => [...(world.keysOfProfile.get(profileId) ?? [])].some((one) => model.isSamePerson(one, key, index + 1));
    const isMade = [...world.rows.values()].some((one) => one.cause === 'consent-withdrawn' && one.connectionId === row.connectionId && one.createdAt >= entry.recordedAt && isTheirs(one.profileId));
    return isMade ? [] : [`${row.connectionId} was never to take out ${key}, who refused ${row.purpose} when it had their data`];
  })));
}
