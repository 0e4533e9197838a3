import { capHorizonMs, flowEntryId, type CanonicalRecord, type Contact } from '@firsthand/domain';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow, RunRow } from '../ports/rows.js';
import { findKeptEvents, keptEvent } from '../retention/forget-person.js';
import type { StoreTransaction } from '../ports/store.js';
import type { DueRun, Occurrence } from './occurrence.js';

/** An occurrence and the flows that its kind starts. */
export interface Start {
  occurrence: Occurrence;
  flows: readonly LiveFlow[];
}

/** What the flows of a transaction have to know of before; read only where a flow asks for it. */
export interface FlowFacts {
  /** Runs that wait, by person: of all for whom they were looked for. */
  waiting: ReadonlyMap<PersonWork, readonly RunRow[]>;
  /** The events that started them. */
  events: ReadonlyMap<string, EventRow>;
  /** entryId → when the person last came in. */
  entries: ReadonlyMap<string, number>;
  /** Stored events that `sameKey` may ask for, and those since runs began that are due and whose flow was paused, by person. */
  recent: ReadonlyMap<PersonWork, readonly CanonicalRecord[]>;
  /** Messages as far back as any cap looks, by person. */
  contacts: ReadonlyMap<PersonWork, readonly Contact[]>;
}

/** Reads what the flows have to know: nothing at all where none of them waits, limits re-entry or reaches people on a channel with a cap. */
export async function readFlowFacts(
  tx: StoreTransaction, { configuration, people, starts, dueRuns, now }: { configuration: WorkspaceConfiguration; people: readonly PersonWork[]; starts: readonly Start[]; dueRuns: readonly DueRun[]; now: number },
): Promise<FlowFacts> {
  const { workspaceId, flowSettings } = configuration;
  const waiting = await readWaiting(tx, whoMayWait(configuration, people, starts), configuration);
  const eventIds = [...waiting.values()].flat().flatMap(({ eventId }) => eventId ?? []);
  const events = eventIds.length === 0 ? new Map<string, EventRow>() : await findKeptEvents(tx, eventIds, new Map(people.flatMap((person) => idsOf(person).map((id) => [id, person] as const))), configuration, now);
  const entryIds = starts.flatMap(({ occurrence, flows }) => flows.flatMap((flow) => entryIdsOf(flow, occurrence.person, keyOf(flow, occurrence))));
  const entries = entryIds.length === 0 ? new Map<string, number>() : await tx.findFlowEntries(entryIds);
  const horizonMs = capHorizonMs(flowSettings);
  const reached = horizonMs === 0 ? [] : whoMayBeReached(configuration, starts, dueRuns, waiting);
  const contacts = reached.length === 0 ? [] : await tx.findContacts(workspaceId, reached.flatMap(idsOf), now - horizonMs);
  const recent = new Map([...await readRecent(tx, configuration, starts, waiting, now), ...await readMeanwhile(tx, configuration, dueRuns, now)]);
  return { waiting, events, entries, recent, contacts: byPerson(reached, contacts) };
}

/** The key of the run that an occurrence would start. */
export function keyOf({ compiled }: LiveFlow, { event }: Pick<Occurrence, 'event'>): string | null {
  return compiled.keyOf(event?.record ?? null);
}

/** The ids under which a flow looks for earlier entries of a person; none where it lets everybody in again. The first is where a new one is written. */
export function entryIdsOf({ compiled: { definition: { flowId, reentry } } }: LiveFlow, person: PersonWork, key: string | null): string[] {
  if (reentry === undefined || reentry === 'one-at-a-time') return [];
  const { workspaceId } = person.profile;
  return idsOf(person).map((profileId) => `${workspaceId}|${flowEntryId({ workspaceId, flowId, profileId, key })}`);
}

function whoMayWait({ awaited: { events, conditions } }: WorkspaceConfiguration, people: readonly PersonWork[], starts: readonly Start[]): PersonWork[] {
  const found = new Set(conditions ? people.filter(({ isTouched }) => isTouched) : []);
  for (const { occurrence: { person, trigger }, flows } of starts) {
    const mayWake = trigger.kind === 'event' && events.size > 0 && (events.has(trigger.record.name) || events.has('*'));
    if (mayWake || flows.some(({ compiled: { definition } }) => definition.reentry === 'one-at-a-time')) found.add(person);
  }
  return [...found].filter(({ profile }) => profile.hasWaitingRuns === true);
}

async function readWaiting(tx: StoreTransaction, people: readonly PersonWork[], { workspaceId }: WorkspaceConfiguration): Promise<Map<PersonWork, RunRow[]>> {
  if (people.length === 0) return new Map();
  const found = byPerson(people, await tx.findWaitingRuns(workspaceId, people.flatMap(idsOf)));
  return new Map(people.map((person) => [person, found.get(person) ?? []]));
}

/** Events that were applied before the run came to wait for them, though they happened later: only who starts or goes on by an event of the past has any. */
async function readRecent(tx: StoreTransaction, configuration: WorkspaceConfiguration, starts: readonly Start[], waiting: FlowFacts['waiting'], now: number): Promise<FlowFacts['recent']> {
  const { workspaceId, flow: flowOf } = configuration;
  const names = new Set<string>();
  const people = new Set<PersonWork>();
  let after = Infinity;
  for (const { occurrence: { person, event }, flows } of starts) {
    const ofRuns = (waiting.get(person) ?? []).flatMap((run) => flowOf(run.flowId, run.flowVersion) ?? []);
    const keyed = event === null ? [] : [...flows, ...ofRuns].flatMap(({ compiled }) => compiled.awaits.keyed);
    if (event === null || keyed.length === 0) continue;
    for (const name of keyed) names.add(name);
    people.add(person);
    after = Math.min(after, event.record.occurredAt);
  }
  if (people.size === 0) return new Map();
  const events = await tx.findEventsAfter(workspaceId, [...people].flatMap(idsOf), [...names], after);
  return new Map([...byPerson([...people], events)].map(([person, own]) => [person, own.flatMap((event) => keptEvent(event, person, configuration, now)?.record ?? [])]));
}

/** Of one person at a time: the events of a look-up are so many at most. */
async function readMeanwhile(tx: StoreTransaction, configuration: WorkspaceConfiguration, dueRuns: readonly DueRun[], now: number): Promise<FlowFacts['recent']> {
  const { workspaceId, flow: flowOf } = configuration;
  const found = new Map<PersonWork, CanonicalRecord[]>();
  for (const { run, person, event } of dueRuns) {
    const names = run.wait?.wasPaused === true ? (flowOf(run.flowId, run.flowVersion)?.compiled.awaits.events ?? []) : [];
    if (names.length === 0) continue;
    const events = await tx.findEventsAfter(workspaceId, idsOf(person), [...names], event?.record.occurredAt ?? run.startedAt);
    found.set(person, [...(found.get(person) ?? []), ...events.flatMap((one) => keptEvent(one, person, configuration, now)?.record ?? [])]);
  }
  return found;
}

function whoMayBeReached({ flow: flowOf }: WorkspaceConfiguration, starts: readonly Start[], dueRuns: readonly DueRun[], waiting: ReadonlyMap<PersonWork, readonly RunRow[]>): PersonWork[] {
  const reaches = (run: RunRow): boolean => flowOf(run.flowId, run.flowVersion)?.compiled.hasChannels === true;
  return [...new Set([
    ...starts.flatMap(({ occurrence: { person }, flows }) => (flows.some(({ compiled }) => compiled.hasChannels) ? [person] : [])),
    ...dueRuns.flatMap(({ run, person }) => (reaches(run) ? [person] : [])),
    ...[...waiting].flatMap(([person, runs]) => (runs.some(reaches) ? [person] : [])),
  ])];
}

function byPerson<Row extends { profileId: string }>(people: readonly PersonWork[], rows: readonly Row[]): Map<PersonWork, Row[]> {
  const owner = new Map(people.flatMap((person) => idsOf(person).map((id) => [id, person] as const)));
  const found = new Map<PersonWork, Row[]>();
  for (const row of rows) {
    const person = owner.get(row.profileId);
    if (person !== undefined) found.set(person, [...(found.get(person) ?? []), row]);
  }
  return found;
}
