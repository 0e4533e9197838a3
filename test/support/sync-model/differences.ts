import { ECHO_MS, fieldOf, identityKey, type Profile } from '@firsthand/domain';
import { plainly } from './copy.js';
import { RECIPIENTS } from './scene.js';
import { FIELDS, PEOPLE, SYSTEMS, type Step, type Who } from './steps.js';
import type { SyncWorld } from './world.js';

/** What is not equal of those who have said yes; and writes for which there was no reason. */
export async function differences(world: SyncWorld, steps: readonly Step[]): Promise<string[]> {
  const lines: string[] = [];
  for (const who of PEOPLE) {
    const profile = await profileOf(world, who);
    for (const system of SYSTEMS) {
      if (!world.records.mayGo({ key: `userId|${who}`, purpose: 'marketing', recipient: RECIPIENTS[system], now: world.now })) continue;
      const record = world.copies[system].records.get(who);
      if (profile === undefined || (record === undefined && FIELDS.every((field) => plainly(field, fieldOf(profile, field)?.value) === ''))) continue;
      for (const field of FIELDS) {
        const [ours, theirs] = [plainly(field, fieldOf(profile, field)?.value), plainly(field, record?.[field])];
        if (ours !== theirs && !wasRefused(steps)) lines.push(`${who}.${field}: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} at ${system}`);
      }
    }
  }
  for (const who of PEOPLE) {
    // A copy that is read as a whole says all of it as of the moment, and what comes later than an echo may is taken for a word of its own: who is newest is not known then.
    if (world.polled.has(who) || steps.some((step) => step.kind === 'wait' && step.ms >= ECHO_MS)) continue;
    for (const field of FIELDS) {
      const own = world.edits.filter((edit) => edit.who === who && edit.field === field);
      if (own.length === 0 || !own.every(({ isPlain }) => isPlain)) continue;
      const newest = own.reduce((one, other) => (other.at > one.at ? other : one));
      const profile = await profileOf(world, who);
      const ours = profile === undefined ? '' : plainly(field, fieldOf(profile, field)?.value);
      if (ours !== newest.value) lines.push(`${who}.${field}: ${JSON.stringify(ours)} won, and ${JSON.stringify(newest.value)} is newer`);
    }
  }
  if (world.writes.length > world.reasons) lines.push(`${world.writes.length} writes for ${world.reasons} reasons`);
  for (const copy of Object.values(world.copies)) if (copy.webhooks.length > 0) lines.push(`${copy.system} has not come to rest`);
  return lines;
}

/** What a system refuses for good is a dead letter: somebody has to see to it. */
function wasRefused(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === 'answer' && step.answers.includes('refused'));
}

function profileOf(world: SyncWorld, who: Who): Promise<Profile | undefined> {
  const { store, workspaceId } = world.backend;
  return store.transaction(async (tx) => {
    const [profileId] = (await tx.findIdentities(workspaceId, [identityKey({ namespace: 'userId', value: who })])).values();
    return profileId === undefined ? undefined : [...(await tx.findProfiles(workspaceId, [profileId])).values()][0];
  });
}
