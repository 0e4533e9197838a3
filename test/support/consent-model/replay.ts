import { keptLinks, settle, unexplained, withinLimits } from './links.js';
import { deciding, disown, erase, part, personOf, placeNew, unite, withoutStrangers, type People } from './people.js';
import { EVERYBODY, hear, hearMessage, hearThere, heardOf, OWN_AND_PROCESSOR, placesOf, standing, type Person } from './person.js';
import type { Link, PurposeRules, Recorded, RecordedMessage } from './recorded.js';
import { holds, isSame, saysNothingNew, type Said } from './said.js';

/** A link confirms for so long. */
const LINK_MS = 7 * 86_400_000;
/** What forms agree to, and what of it a refusal since takes back. */
const ASKED = 'letters';

/** The version that was there at a moment; the first for all that was before it. */
function versionAt(entries: readonly Recorded[], at: number): number {
  return Math.max(1, ...entries.flatMap((entry) => (entry.kind === 'publish' && entry.at <= at ? [entry.version] : [])));
}

/** Who there is after these entries, read from the first one on. */
export function replay(entries: readonly Recorded[], purposes: Readonly<Record<string, PurposeRules>>): People {
  const people: People['people'] = new Map();
  const gone: People['gone'] = new Map();
  const asks: People['asks'] = new Map();
  const claims: People['claims'] = new Map();
  let links: Link[] = [];
  let singles: ReadonlySet<string> = new Set();
  const seen = new Set<string>();
  const devices = new Map<string, Device>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'erasure') erase({ people, gone, asks, claims }, entry.key, entry.recordedAt);
    if (entry.kind === 'unmerge') part(people, entry.winner, entry.loser, entry.recordedAt);
    if (entry.kind === 'limits') singles = entry.singles;
    if (entry.kind === 'settlement') links = settle(people, links, entry);
    if (entry.kind === 'unmerge' || entry.kind === 'settlement') for (const [name, device] of devices) knowApart(people, name, device);
    links = keptLinks(people, links);
    if (entry.kind === 'correction') people.get(entry.key)?.told.push({ city: entry.city, at: entry.recordedAt, isCorrection: true });
    if (entry.kind === 'disowning') disown(people, entry);
    if (entry.kind === 'unmerge' || entry.kind === 'disowning') links.push(...unexplained(people, links));
    if (entry.kind === 'confirmation') confirm({ people, gone, asks, claims }, entry.key, entry.recordedAt);
    // Nothing is taken in of somebody who was erased.
    if (entry.kind === 'decision' && !gone.has(entry.key)) {
      const scopes = entry.isYes ? entry.scopes : entry.scopes.length === 0 ? EVERYBODY : entry.scopes;
      hear(deciding({ people, claims }, entry.key, entry.recordedAt), entry.key, placesOf(entry.purpose, scopes), { isYes: entry.isYes, at: entry.effectiveAt, isRepeated: false, versions: [entry.version] });
    }
    if (entry.kind !== 'messages') continue;
    const namesGone = ({ keys, claims = '' }: RecordedMessage): boolean => [...keys, claims].some((key) => gone.has(key));
    // What lies aside is looked through whole for who was erased; of anything else what is not the person's does not matter.
    const taken = entry.messages.flatMap((message) => (message.isAside ? refusalsOf(message) : seen.has(message.messageId) || !seen.add(message.messageId) ? [] : [message])).filter((message) => !(message.isAside || message.isReleased === true || message.isRefused === true) || !namesGone(message));
    const news = withoutStrangers(people, taken).filter((message) => !namesGone(message));
    const declined = news.filter(({ device, keys }) => device !== undefined && keys.length === 0);
    const fresh = withinLimits(people, news.filter((message) => message.claims === undefined && !declined.includes(message)), singles);
    // What is applied together is recorded at one moment: who is one person by it is so before anything of it is heard.
    placeNew(people, fresh);
    // Who only refuses in what lies aside is made after those whose records are applied: of two of one moment that says who was first.
    unite(people, [...fresh].sort((a, b) => Number(a.isAside) - Number(b.isAside)), entry.recordedAt);
    links.push(...fresh.flatMap(({ keys: [one, other] }): Link[] => (one === undefined || other === undefined ? [] : [[one, other]])));
    for (const { device, keys } of fresh) if (device !== undefined) arrive(people, devices, device, keys);
    for (const message of [...fresh, ...declined].filter(({ isLater = false }) => !isLater).sort((a, b) => a.occurredAt - b.occurredAt)) if (declined.includes(message)) hearDevice(people, devices, { ...message, version: versionAt(entries, message.occurredAt) }, entry.recordedAt);
    else hearMessage(personOf(people, message.keys, entry.recordedAt), { ...message, version: versionAt(entries, message.occurredAt) }, entry.recordedAt);
    for (const form of [...news].sort((a, b) => a.occurredAt - b.occurredAt)) if (form.claims !== undefined) {
      if (!people.has(form.claims) && !claims.has(form.claims)) claims.set(form.claims, { occurredAt: form.occurredAt, knownAt: entry.recordedAt });
      ask({ people, asks }, { ...form, claims: form.claims, version: versionAt(entries, form.occurredAt) }, { now: entry.recordedAt, entries: entries.slice(0, index + 1), rules: purposes[ASKED] });
    }
    for (const { keys, occurredAt, city } of fresh) {
      const person = personOf(people, keys, entry.recordedAt);
      if (city !== undefined) person.told.push({ city, at: occurredAt, isCorrection: false });
      person.newestAt = Math.max(person.newestAt, occurredAt);
      person.isNew = false;
    }
  }
  return { people, gone, asks, claims };
}

/** A device that several use: by which identities people are known on it, and what was refused there. */
interface Device {
  /** Identity → whether it is by this one that its person is known there. While two are one who were not both there, a visit of the other says nothing new; when they are told apart, it does. */
  known: Map<string, boolean>;
  heard: { places: readonly string[]; said: Said }[];
}

/** Whoever logs in there has refused what was refused there before. */
function arrive(people: ReadonlyMap<string, Person>, devices: Map<string, Device>, name: string, keys: readonly string[]): void {
  const device = devices.get(name) ?? { known: new Map<string, boolean>(), heard: [] };
  devices.set(name, device);
  const [by = ''] = keys;
  if (!device.known.has(by)) device.known.set(by, false);
  knowApart(people, name, device);
}

/** Each person is known by one identity at least of those that were named there: of two who are one by what either was known by before. */
function knowApart(people: ReadonlyMap<string, Person>, name: string, device: Device): void {
  for (const [by, isKnown] of device.known) {
    const person = people.get(by);
    if (isKnown || person === undefined || [...device.known].some(([other, isOther]) => isOther && people.get(other) === person)) continue;
    device.known.set(by, true);
    for (const { places, said } of device.heard) hearThere(person, { device: name, by }, places, said);
  }
}

/** A no that says something new to any who are known there is everybody's. */
function hearDevice(people: ReadonlyMap<string, Person>, devices: Map<string, Device>, { device: name = '', carries, occurredAt, version }: RecordedMessage & { version: number }, recordedAt: number): void {
  const device = devices.get(name);
  for (const purpose of Object.keys(carries)) {
    const places = placesOf(purpose, EVERYBODY);
    const said: Said = { isYes: false, at: Math.min(occurredAt, recordedAt), isRepeated: true, versions: [version] };
    const known = [...device?.known ?? []].flatMap(([by, isKnown]) => { const person = people.get(by); return isKnown && person !== undefined ? [{ by, person }] : []; });
    if (known.every(({ person }) => places.every((place) => saysNothingNew(standing(person, place), said)))) continue;
    const before = known.map(({ person }) => places.map((place) => standing(person, place)));
    const unsay = known.map(({ by, person }) => hearThere(person, { device: name, by }, places, said)).reverse();
    if (known.some(({ person }, index) => places.some((place, nth) => !isSame(standing(person, place), before[index]?.[nth])))) device?.heard.push({ places, said });
    else for (const undo of unsay) undo();
  }
}

/** Of a record that is put aside: what it says no to. */
function refusalsOf({ city: _, ...message }: RecordedMessage): RecordedMessage[] {
  const refused = Object.entries(message.carries).filter(([, isYes]) => !isYes);
  return refused.length === 0 ? [] : [{ ...message, carries: Object.fromEntries(refused) }];
}

/** A form permits nothing: it has the address asked, unless who has that has agreed already, has said no at that moment or later, or was asked since for the same. */
function ask({ people, asks }: Pick<People, 'people' | 'asks'>, { claims, occurredAt, version }: RecordedMessage & { claims: string; version: number }, { now, entries, rules }: { now: number; entries: readonly Recorded[]; rules: PurposeRules | undefined }): void {
  const person = people.get(claims);
  const stand = (purpose: string): (Said | undefined)[] => OWN_AND_PROCESSOR.map((scope) => (person === undefined ? undefined : standing(person, `${purpose}|${scope}`)));
  const [letters, all] = [stand(ASKED), stand('*')];
  if (rules !== undefined && letters.every((said) => holds(said, rules, entries, now).isAllowed)) return;
  if ([...letters, ...all].some((said) => said !== undefined && !said.isYes && said.at >= occurredAt)) return;
  const last = asks.get(claims);
  if (last !== undefined && last.version === version && last.at >= occurredAt) return;
  asks.set(claims, { at: occurredAt, until: now + LINK_MS, version, isOpen: true });
}

/** A yes of the address from now on, unless its person has said no since they agreed. The link is used up all the same. */
function confirm({ people, gone, asks, claims }: People, key: string, now: number): void {
  const asked = asks.get(key);
  if (asked?.isOpen !== true || now >= asked.until || gone.has(key)) return;
  asks.set(key, { ...asked, isOpen: false });
  const known = people.get(key);
  if (known !== undefined && heardOf(known).some(({ place, said }) => !said.isYes && said.at >= asked.at && [ASKED, '*'].some((purpose) => OWN_AND_PROCESSOR.some((scope) => place === `${purpose}|${scope}`)))) return;
  hear(deciding({ people, claims }, key, now), key, placesOf(ASKED, OWN_AND_PROCESSOR), { isYes: true, at: now, isRepeated: false, versions: [asked.version] });
}
