import { fieldOf, identityKey, type Profile } from '@firsthand/domain';
import { notOne } from '../consent-model/admin.js';
import { plainly } from './copy.js';
import { DELETED, ERASING, OWNERSHIP, RECIPIENTS } from './scene.js';
import { FIELDS, KEYS, PEOPLE, SYSTEMS, type Field, type Step, type System, type Who } from './steps.js';
import type { SyncWorld } from './world.js';

/** What is not equal of those who may be written to, what is equal and not what its owner or the newest says, and writes for which there was no reason. */
export async function differences(world: SyncWorld, steps: readonly Step[]): Promise<{ lines: string[]; stopped: number }> {
  const lines: string[] = [];
  let stopped = 0;
  lines.push(...await notOne(world, KEYS));
  for (const who of PEOPLE) {
    const profile = await profileOf(world, who);
    if (world.records.model.erasedAt(`userId|${who}`) !== null) lines.push(...notForgotten(world, who, profile, steps));
    lines.push(...SYSTEMS.flatMap((system) => notListed(world, who, profile, system, steps)));
    if (profile === undefined) continue;
    const going = await stoppedOf(world, profile);
    stopped += going.size;
    lines.push(...SYSTEMS.flatMap((system) => notEqual(world, { who, profile, system, stopped: going }, steps)), ...FIELDS.flatMap((field) => notOwned(world, who, profile, field)));
  }
  const left = world.records.model.erasedKeys();
  if (left.length > 0) lines.push(...(await world.backend.find([...left.map((key) => key.slice(key.indexOf('|') + 1)), ...world.erasedProfiles])).map((one) => `what was erased is left: ${one}`));
  lines.push(...(await world.backend.openMinutes()));
  if (world.listed > world.listReasons) lines.push(`${world.listed} times somebody was put on a list, for ${world.listReasons} reasons`);
  if (world.writes.length > world.reasons) lines.push(`${world.writes.length} writes for ${world.reasons} reasons`);
  if (world.needless > world.doubts) lines.push(`${world.needless} writes of what was held, for ${world.doubts} doubts`);
  for (const copy of Object.values(world.copies)) if (copy.webhooks.length > 0) lines.push(`${copy.system} has not come to rest`);
  return { lines, stopped };
}

function notEqual(world: SyncWorld, { who, profile, system, stopped }: { who: Who; profile: Profile; system: System; stopped: ReadonlySet<string> }, steps: readonly Step[]): string[] {
  // Of two who are one, the one goes out whose id is named; the other's copy stays as it is, for a merge can be taken back.
  if (who !== profile.identities.find(({ namespace }) => namespace === 'userId')?.value || wasRefused(steps, system)) return [];
  if (!world.records.mayGo({ key: `userId|${who}`, purpose: 'marketing', recipient: RECIPIENTS[system], now: world.now })) return [];
  const { records, deletions, unsure } = world.copies[system];
  // Of two copies of one person the one that is left is kept equal; who is deleted there is left out, under whichever id.
  const left = deletions.has(who) ? PEOPLE.find((one) => records.has(one) && world.records.isOne(one, who)) : undefined;
  const record = records.get(left ?? who);
  if (record === undefined && DELETED[system] !== 'make-again' && PEOPLE.some((one) => (deletions.has(one) || unsure.has(one)) && world.records.isOne(one, who))) return [];
  return FIELDS.flatMap((field) => {
    const [ours, theirs] = [plainly(field, fieldOf(profile, field)?.value), plainly(field, record?.[field])];
    // Who was told apart without a word of their own by a source keeps there what the source holds until it names them again.
    const isKept = ours === '' && world.records.wereOne && world.edits.some((edit) => edit.who === who && edit.field === field && edit.where === system && edit.value === theirs);
    return ours === theirs || isKept || stopped.has(`${system} ${field}`) ? [] : [`${who}.${field}: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} at ${system}`];
  });
}

/** Who is on the list of a system and should not be, or the other way round: who has a city is on it, of those who may be written to. */
function notListed(world: SyncWorld, who: Who, profile: Profile | undefined, system: System, steps: readonly Step[]): string[] {
  if (wasRefused(steps, system)) return [];
  const mayGo = (recipient: string): boolean => world.records.mayGo({ key: `userId|${who}`, purpose: 'marketing', recipient, now: world.now });
  // Who is put into segments of a purpose has agreed that the brand itself uses it.
  const isWanted = profile !== undefined && plainly('city', fieldOf(profile, 'city')?.value) !== '' && mayGo('own') && mayGo(RECIPIENTS[system]);
  const { list } = world.copies[system];
  // Two who are one are on it by either, and what there is of both stays, for a merge can be taken back.
  const isOn = isWanted ? PEOPLE.some((one) => list.has(one) && (one === who || world.records.isOne(one, who))) : list.has(who);
  if (isOn === isWanted) return [];
  return [`${who} is ${isOn ? '' : 'not '}on the list of ${system}`];
}

/** What is left of somebody who was erased: here, and where we told a system that can forget them. What its users tell it anew is theirs. */
function notForgotten(world: SyncWorld, who: Who, profile: Profile | undefined, steps: readonly Step[]): string[] {
  const holding = SYSTEMS.filter((system) => ERASING.has(system) && world.copies[system].told.has(who) && !wasRefused(steps, system));
  return [...(profile === undefined ? [] : [`${who} was erased, and is back`]), ...holding.map((system) => `${system} still holds ${who}, who was erased`)];
}

function notOwned(world: SyncWorld, who: Who, profile: Profile, field: Field): string[] {
  const all = PEOPLE.filter((one) => world.records.isOne(one, who));
  // A copy that is read as a whole says all of it as of the moment, and what comes later than an echo may is taken for a word of its own: who has said what is not known then.
  if (all.some((one) => SYSTEMS.some((system) => world.polled.has(`${system} ${one}`)) || world.late.has(`${one} ${field}`))) return [];
  const own = world.edits.filter((edit) => all.includes(edit.who) && edit.field === field);
  // Who was one with another for a time was written their values, too.
  const told = world.edits.filter((edit) => edit.field === field && (world.records.wereOne || all.includes(edit.who)));
  // What a system says of a value that was said elsewhere, or twice, cannot be told from the echo of our write of it.
  if (own.length === 0 || told.some((one) => one.where !== 'web' && told.some((other) => other !== one && other.value === one.value))) return [];
  // Of what one source says of two who are one, its last word is kept.
  if (world.records.wereOne && all.length === 1 && own.some(({ where }) => PEOPLE.some((other) => other !== who && (world.polled.has(`${where} ${other}`) || world.edits.some((edit) => edit.who === other && edit.field === field && edit.where === where))))) return [];
  const { master, refused } = OWNERSHIP[field];
  const heard = own.filter(({ where }) => where !== refused);
  const ranked = heard.some(({ where }) => where === master) ? heard.filter(({ where }) => where === master) : heard;
  const right = ranked.reduce<(typeof own)[number] | undefined>((one, other) => (one === undefined || other.at > one.at ? other : one), undefined)?.value ?? '';
  const ours = plainly(field, fieldOf(profile, field)?.value);
  return ours === right ? [] : [`${who}.${field}: ${JSON.stringify(ours)} won, and ${JSON.stringify(right)} is right`];
}

/** Of which fields the host says that they go to and fro at which system. */
async function stoppedOf({ backend: { store, workspaceId } }: SyncWorld, { profileId, mergedFrom }: Profile): Promise<ReadonlySet<string>> {
  const rows = await store.transaction((tx) => tx.findSyncStates(workspaceId, [profileId, ...mergedFrom], SYSTEMS));
  return new Set(rows.flatMap(({ connectionId, fields }) => Object.entries(fields).flatMap(([field, { stopped }]) => (stopped === undefined ? [] : [`${connectionId} ${field}`]))));
}

/** What a system refuses for good is a dead letter: somebody has to see to it. */
function wasRefused(steps: readonly Step[], system: System): boolean {
  return steps.some((step) => step.kind === 'answer' && step.system === system && step.answers.includes('refused'));
}

function profileOf(world: SyncWorld, who: Who): Promise<Profile | undefined> {
  const { store, workspaceId } = world.backend;
  return store.transaction(async (tx) => {
    const [profileId] = (await tx.findIdentities(workspaceId, [identityKey({ namespace: 'userId', value: who })])).values();
    return profileId === undefined ? undefined : [...(await tx.findProfiles(workspaceId, [profileId])).values()][0];
  });
}
