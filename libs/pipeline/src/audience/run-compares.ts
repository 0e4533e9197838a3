import { weighListing, type MembershipState } from '@firsthand/domain';
import { groupBy } from '../group-by.js';
import { loadPeople } from '../person/load-people.js';
import { idsOf, LedgerCounts, newWorkOutput, type PersonWork } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { AudienceCompareRow, CompareCounts, DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { eachOf } from '../sweep/each-of.js';
import type { SweepOptions } from '../sweep/sweep-options.js';
import { audiencesOf, type Audience } from './audience.js';
import { comparePerson } from './compare-person.js';
import { planCorrection } from './plan-correction.js';

/** People per transaction, and transactions per turn: nothing else waits for a compare. */
const PAGE_SIZE = 200;
const MAX_PAGES = 25;
const MAX_COMPARES = 10;

/** A compare that begins. */
export function newCompare(
  { flow, step, connection, destination }: Audience, { isPreview, perSecond, now }: { isPreview: boolean; perSecond: number | null; now: number },
): AudienceCompareRow {
  const { flowId } = flow.compiled.definition;
  const isListed = destination.listMembers !== undefined;
  return {
    compareId: compareIdOf(connection.workspaceId, connection.connectionId, flowId, step.id), workspaceId: connection.workspaceId, connectionId: connection.connectionId, flowId, stepId: step.id,
    isPreview, perSecond, startedAt: now, after: null, isListed, listing: isListed ? { audiences: null, cursor: null, failures: 0 } : null,
    counts: { listed: 0, people: 0, confirmed: 0, missing: 0, changed: 0, unconfirmed: 0, surplus: 0, unusable: 0 }, dueAt: now, end: null,
  };
}

/** The id of an audience's compare. */
export function compareIdOf(workspaceId: string, connectionId: string, flowId: string, stepId: string): string {
  return `${workspaceId}|${connectionId}|${flowId}|${stepId}`;
}

/**
 * Goes on with the compares that are due, page by page over everybody. The row moves on in the transaction that plans what its page lacks, so that a crash or a second
 * worker does no page twice; the lane decides each planned delivery anew, at its own pace.
 */
export async function runCompares({ store, doorbell, clock, configuration }: SweepOptions): Promise<void> {
  await eachOf(await store.findDueCompares(clock(), MAX_COMPARES, 'people'), async ({ compareId, workspaceId }) => {
    for (let page = 0, isDue = true; isDue && page < MAX_PAGES; page += 1) {
      const { lanes, isMore } = await store.transaction((tx) => turn(tx, compareId, configuration.workspace(workspaceId), clock()));
      for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
      isDue = isMore;
    }
  });
}

async function turn(tx: StoreTransaction, compareId: string, configuration: WorkspaceConfiguration, now: number): Promise<{ lanes: string[]; isMore: boolean }> {
  const row = await tx.findCompare(compareId);
  // Another worker has done it.
  if (row === undefined || row.dueAt === null || row.dueAt > now || row.listing !== null) return { lanes: [], isMore: false };
  const audience = audiencesOf(configuration, row.connectionId).find(({ flow, step }) => flow.compiled.definition.flowId === row.flowId && step.id === row.stepId);
  if (audience === undefined) {
    await tx.writeCompare({ ...row, dueAt: null, end: { at: now, as: 'gone' } });
    return { lanes: [], isMore: false };
  }
  const ids = await tx.findProfileIds(row.workspaceId, row.after, PAGE_SIZE);
  const people = [...new Set((await loadPeople(tx, configuration, ids, now)).values())];
  const { counts, deliveries } = await comparePage(tx, people, row, audience, configuration, now);
  const lanes = row.isPreview || deliveries.length === 0 ? [] : await write(tx, people, deliveries, configuration, now);
  const isOver = ids.length < PAGE_SIZE;
  const waitMs = row.perSecond === null || row.isPreview ? 0 : Math.ceil((deliveries.length * 1_000) / row.perSecond);
  await tx.writeCompare({ ...row, counts, after: ids.at(-1) ?? row.after, dueAt: isOver ? null : now + waitMs, end: isOver ? { at: now, as: 'done' } : null });
  return { lanes, isMore: !isOver && waitMs === 0 };
}

async function comparePage(
  tx: StoreTransaction, people: readonly PersonWork[], row: AudienceCompareRow, audience: Audience, configuration: WorkspaceConfiguration, now: number,
): Promise<{ counts: CompareCounts; deliveries: DeliveryRow[] }> {
  const ofConnection = await tx.findAudienceMembers(row.workspaceId, people.flatMap(idsOf), row.connectionId);
  const known = groupBy(ofConnection.filter(({ action }) => action === audience.step.action), ({ profileId }) => profileId);
  const salts = await tx.findSalts(row.workspaceId, people.map(({ profile }) => profile.profileId));
  const counts = { ...row.counts, people: row.counts.people + people.length };
  const deliveries: DeliveryRow[] = [];
  const contradicted: MembershipState[] = [];
  for (const person of people) {
    const states = idsOf(person).flatMap((profileId) => known.get(profileId) ?? []);
    const weighed = row.isListed ? weighListing(states, row.startedAt) : states;
    contradicted.push(...weighed.filter((state, index) => state !== states[index]));
    const { as, plan } = comparePerson({ person, salt: salts.get(person.profile.profileId) ?? '' }, weighed, audience, configuration, now);
    if (as !== null) counts[as] += 1;
    if (plan !== null && !row.isPreview) deliveries.push(planCorrection(person, plan, audience, { occurrenceId: `compare|${row.startedAt}`, now }));
  }
  const { workspaceId, connectionId } = row;
  if (!row.isPreview) await tx.writeAudienceMembers(contradicted.map((state) => ({ workspaceId, connectionId, action: audience.step.action, ...state })));
  return { counts, deliveries };
}

function write(tx: StoreTransaction, people: readonly PersonWork[], deliveries: readonly DeliveryRow[], configuration: WorkspaceConfiguration, now: number): Promise<string[]> {
  const output = newWorkOutput();
  output.deliveries.push(...deliveries);
  const planned = new Set(deliveries.map(({ profileId }) => profileId));
  return writePeople(tx, { configuration, people: people.filter(({ profile }) => planned.has(profile.profileId)), occurrences: [], consentRecords: [], output, counts: new LedgerCounts(), now });
}
