import type { RecordedMessage } from './recorded.js';
import { after, harder, isSame, prevailing, saysNothingNew, type Last, type Said } from './said.js';

/** Whom a yes carried by an event is for, and whom a no is for that names nobody. */
export const OWN_AND_PROCESSOR = ['own', 'processor'];
/** The last is for all that is agreed to separately but third parties, which nobody does here. */
export const EVERYBODY = ['own', 'processor', 'third-party', 'else'];

/** A city that was told of somebody, or put right. */
export interface Told {
  city: string;
  at: number;
  isCorrection: boolean;
}

/** Something said on one purpose and scope. */
export interface Heard {
  /** Under which identity. */
  key: string;
  /** By whom who was known on a device, where it was said there. */
  by?: string;
  place: string;
  said: Said;
}

/** Somebody: by what they are known, what was heard of them, and of whom they were made. */
export interface Person {
  keys: Set<string>;
  /** Identities that came with theirs and are somebody else's. */
  disowned: Set<string>;
  /** Those of them that were taken for theirs: what was refused under these is theirs too. */
  former: Set<string>;
  heard: Heard[];
  /** The two whom they turned out to be, and when that was known. */
  joined: { at: number; parts: readonly [Person, Person] } | null;
  knownAt: number;
  /** In which order those who became known at one moment did. */
  nth: number;
  /** When the latest of their messages that is known happened, or they became known without one. */
  newestAt: number;
  /** Known only since the messages that are being heard. */
  isNew: boolean;
  /** Since they turned out to be who they are. */
  told: Told[];
  /** When they were told apart from another after more was told of both as one: nobody knows of whom that was. */
  vagueAt: number;
}

/** Of whom nothing is known yet. */
export function nobody(knownAt: number, nth: number): Person {
  return { keys: new Set(), disowned: new Set(), former: new Set(), heard: [], joined: null, knownAt, nth, newestAt: -Infinity, isNew: true, told: [], vagueAt: -Infinity };
}

/** All that was heard of somebody, and of those whom they turned out to be. */
export function heardOf({ heard, joined }: Person): Heard[] {
  return [...heard, ...(joined?.parts.flatMap(heardOf) ?? [])];
}

/** All that was told of somebody, and of those whom they turned out to be. */
export function toldOf({ told, joined }: Person): Told[] {
  return [...told, ...(joined?.parts.flatMap(toldOf) ?? [])];
}

export function vagueAtOf({ vagueAt, joined }: Person): number {
  return Math.max(vagueAt, ...(joined?.parts.map(vagueAtOf) ?? []));
}

export function placesOf(purpose: string, scopes: readonly string[]): string[] {
  return scopes.map((scope) => `${purpose}|${scope}`);
}

export function hear(person: Person, key: string, places: readonly string[], said: Said): void {
  const side = sideOf(person, [key], said.at);
  for (const place of places) side.heard.push({ key, place, said });
}

/** What is said at a device is of who is known there, by the identity that says so: of two who are one it stays with that one. Gives what unsays it. */
export function hearThere(person: Person, { device, by }: { device: string; by: string }, places: readonly string[], said: Said): () => void {
  const side = sideOf(person, [by], said.at);
  const before = side.heard.length;
  for (const place of places) side.heard.push({ key: device, by, place, said });
  return () => { side.heard.length = before; };
}

/** A yes that a tool tells says neither when nor to what: it may be the last that the person gave, if the tool has told no no since, and is to no more than that. */
function rememberedBy(person: Person, key: string, places: readonly string[], { version, at }: { version: number; at: number }): number[] {
  const before = heardOf(person).filter((one) => places.includes(one.place) && one.said.at <= at);
  const refusedAt = Math.max(...before.map(({ key: by, said }) => (by === key && !said.isYes ? said.at : -Infinity)));
  const yeses = before.filter(({ said }) => said.isYes && said.at > refusedAt);
  const lastAt = Math.max(...yeses.map(({ said }) => said.at));
  const last = yeses.flatMap(({ said }) => (said.at === lastAt ? said.versions : []));
  return last.length === 0 ? [version] : [...new Set(last.map((one) => Math.min(one ?? version, version)))];
}

/** Of what a tool tells, only what says something new, and is no yes that comes too late, is kept: a yes where a yes stands is the same once more. */
export function hearMessage(person: Person, { keys, carries, occurredAt, version }: RecordedMessage & { version: number }, recordedAt: number): void {
  for (const [purpose, isYes] of Object.entries(carries)) {
    const places = placesOf(purpose, isYes ? OWN_AND_PROCESSOR : EVERYBODY);
    const at = Math.min(occurredAt, recordedAt);
    const news: Said = { isYes, at, isRepeated: true, versions: isYes ? rememberedBy(person, keys[0] ?? '', places, { version, at }) : [version] };
    const stand = places.map((place) => standing(person, place));
    if (stand.every((one) => saysNothingNew(one, news))) continue;
    if (isYes && !person.isNew && news.at < person.newestAt && stand.some((one) => one?.isYes === false)) continue;
    const place = sideOf(person, keys, news.at);
    const before = place.heard.length;
    for (const one of places) place.heard.push({ key: keys[0] ?? '', place: one, said: news });
    if (places.every((one, index) => isSame(standing(person, one), stand[index]))) place.heard.length = before;
  }
}

/** What was decided until two people turned out to be one is the one's whose identity it was; of an identity that came later, the one's who was known first. */
function sideOf(person: Person, keys: readonly string[], at: number): Person {
  if (person.joined === null || at > person.joined.at) return person;
  const part = person.joined.parts.find((one) => one.keys.has(keys[0] ?? '')) ?? person.joined.parts[0];
  return sideOf(part, keys, at);
}

export function standing(person: Person, place: string): Said | undefined {
  return prevailing(lastOf(person, place));
}

/** Of two who are one the harder counts of before; what nobody has said is no decision. What came after that is heard on top. */
function lastOf({ joined, heard }: Person, place: string): Last {
  let last: Last = joined === null ? {} : harder(prevailing(lastOf(joined.parts[0], place)), prevailing(lastOf(joined.parts[1], place)));
  for (const one of heard) if (one.place === place) last = after(last, one.said);
  return last;
}

export function join(one: Person, other: Person, now: number): Person {
  const keys = new Set([...one.keys, ...other.keys]);
  const newestAt = Math.max(one.newestAt, other.newestAt);
  const disowned = disownedBy(keys, one, other);
  const former = new Set([...one.former, ...other.former]);
  const { knownAt, nth } = isOlder(one, other) ? one : other;
  // Of whom nothing can have been said yet.
  if (one.isNew || other.isNew) return { ...(one.isNew ? other : one), keys, disowned, knownAt, nth, newestAt };
  return { keys, disowned, former, heard: [], joined: { at: now, parts: isOlder(one, other) ? [one, other] : [other, one] }, knownAt, nth, newestAt, isNew: false, told: [], vagueAt: -Infinity };
}

export function isOlder(one: Person, other: Person | undefined): boolean {
  return other === undefined || one.knownAt < other.knownAt || (one.knownAt === other.knownAt && one.nth < other.nth);
}

/** Takes an identity from somebody, with what was agreed to under it; what was refused stays. */
export function forget(person: Person, key: string): void {
  if (person.keys.delete(key)) person.former.add(key);
  person.heard = person.heard.filter((one) => one.key !== key || !one.said.isYes);
  for (const part of person.joined?.parts ?? []) forget(part, key);
}

/** At the join that made one of the two; the others stay. Winner and loser. */
export function partedAt(person: Person, winner: string, loser: string, now: number): [Person, Person] | undefined {
  if (person.joined === null) return undefined;
  const { at, parts } = person.joined;
  const holding = (key: string): Person => parts.find(({ keys }) => keys.has(key)) ?? parts[0];
  const [ours, theirs] = [holding(winner), holding(loser)];
  const inner = ours === theirs ? partedAt(ours, winner, loser, now) : [ours, theirs] as [Person, Person];
  if (inner === undefined) return undefined;
  const [kept, gone] = inner;
  const since = (isTheirs: boolean): Heard[] => person.heard.filter(({ key, by = key }) => (gone.keys.has(by) || gone.former.has(by)) === isTheirs);
  const keys = new Set([...person.keys].filter((key) => !gone.keys.has(key)));
  const { newestAt, told } = person;
  const vague = told.length > 0 || person.vagueAt > -Infinity ? { vagueAt: now } : {};
  const stays: Person = ours === theirs
    ? { ...person, keys, former: new Set([...person.former].filter((key) => !gone.former.has(key))), heard: since(false), joined: { at, parts: parts.map((one) => (one === ours ? kept : one)) as [Person, Person] }, ...vague }
    : { ...kept, keys, former: new Set([...person.former].filter((key) => !gone.former.has(key))), heard: [...kept.heard, ...since(false)], newestAt, told: [...kept.told, ...told], ...vague };
  return [{ ...stays, disowned: disownedBy(stays.keys, person, kept) }, { ...gone, disowned: disownedBy(gone.keys, person, gone), heard: [...gone.heard, ...since(true)], ...vague }];
}

/** What either has found to be another's, but for what they have. */
function disownedBy(keys: ReadonlySet<string>, one: Person, other: Person): Set<string> {
  return new Set([...one.disowned, ...other.disowned].filter((key) => !keys.has(key)));
}
