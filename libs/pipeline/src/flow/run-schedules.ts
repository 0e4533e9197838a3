import { daysOfOccurrences, FirsthandError, nextOccurrence, type FlowTrigger, type TriggerOccurrence } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { LedgerCounts, newWorkOutput, type PersonWork } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, Doorbell, LiveFlow, PipelineLog, ScheduleRow, Store, StoreTransaction, WorkspaceConfiguration } from '../ports/index.js';

export interface RunSchedulesOptions {
  store: Store;
  doorbell: Doorbell;
  clock: Clock;
  /** Told of who is passed over because they break it. */
  log?: PipelineLog;
}

/** People per transaction, and transactions per turn and workspace: everybody takes many turns, and nothing else waits for them. */
const PAGE_SIZE = 200;
const MAX_PAGES = 25;
/** Deliveries that may be due at a destination while everybody is gone through. */
const MAX_WAITING = 500;
/** Longer than any process may go on with an older configuration (1 s), and its usual transaction with it: what it applies starts nothing of the new one. */
const EVERYWHERE_MS = 2_500;
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Starts the runs of flows whose schedule has come, page by page over everybody. The row of a schedule moves on in the transaction that starts the runs of its page,
 * and the ids of runs are made from the occurrence: of two workers that do the same page one loses and does the next. What was missed while nothing ran is made up for
 * once, not once per occurrence, and on the days of all of them; a flow that was published or paused meanwhile begins with the next one. A flow that is to be started once for everybody is run by the
 * same pages, as much as its destination takes.
 *
 * @param stored the workspace's rows as they were a moment ago: they tell whether there is anything to do, and each transaction reads its own anew
 */
export async function runSchedules(configuration: WorkspaceConfiguration, stored: readonly ScheduleRow[], options: RunSchedulesOptions): Promise<void> {
  const { store, clock } = options;
  const { workspaceId, flows } = configuration;
  const live = new Map(flows.filter((flow) => isScheduled(flow) || flow.fillsSince !== undefined).map((flow) => [flow.compiled.definition.flowId, flow]));
  const known = new Map(stored.map((row) => [row.flowId, row]));
  const gone = [...known.keys()].filter((flowId) => !live.has(flowId));
  if (gone.length > 0) await store.transaction((tx) => tx.deleteSchedules(workspaceId, gone));
  for (const [flowId, flow] of live) {
    const row = known.get(flowId);
    if (row === undefined || row.running !== null || row.nextAt <= clock() || !isOf(row, flow, configuration)) await runPages(flow, configuration, options);
  }
}

/** Who breaks their page is found one by one, and passed over: nobody else is kept from their turn. */
async function runPages(flow: LiveFlow, configuration: WorkspaceConfiguration, { store, doorbell, clock, log }: RunSchedulesOptions): Promise<void> {
  const { workspaceId } = configuration;
  let page = { size: PAGE_SIZE, isSkipped: false };
  for (let count = 0, isMore = true; isMore && count < MAX_PAGES; count += 1) {
    if (await isFull(flow, configuration, store, clock())) return;
    try {
      const { lanes, isUnfinished } = await store.transaction((tx) => turn(tx, flow, configuration, page, clock()));
      for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
      isMore = isUnfinished;
      page = { ...page, isSkipped: false };
    } catch (error) {
      if (error instanceof FirsthandError && (error.code === 'UNAVAILABLE' || error.code === 'CONFLICT')) throw error;
      if (page.size === 1) log?.warn({ workspaceId, error: error instanceof Error ? error.name : 'unknown' }, 'a schedule passes over a person who breaks it');
      page = { size: 1, isSkipped: page.size === 1 };
    }
  }
}

interface Turn {
  lanes: string[];
  isUnfinished: boolean;
}

async function turn(tx: StoreTransaction, flow: LiveFlow, configuration: WorkspaceConfiguration, { size, isSkipped }: { size: number; isSkipped: boolean }, now: number): Promise<Turn> {
  const { workspaceId } = configuration;
  const { flowId, version } = flow.compiled.definition;
  const stored = (await tx.findSchedules(workspaceId)).find((row) => row.flowId === flowId);
  const next = (): number => nextTimeOf(flow, configuration, now);
  if (stored === undefined || !isOf(stored, flow, configuration)) {
    const first = flow.fillsSince === undefined ? next() : flow.fillsSince + EVERYWHERE_MS;
    await tx.writeSchedule({ workspaceId, flowId, flowVersion: version, pattern: patternOf(flow, configuration), nextAt: first, running: null });
    return { lanes: [], isUnfinished: flow.fillsSince !== undefined && first <= now };
  }
  if (stored.running === null && stored.nextAt > now) return { lanes: [], isUnfinished: false };
  const running = stored.running ?? { at: stored.nextAt, after: null };
  const ids = await tx.findProfileIds(workspaceId, running.after, size);
  const isUnfinished = ids.length === size;
  const nextAt = stored.running === null ? next() : stored.nextAt;
  await tx.writeSchedule({ ...stored, nextAt, running: isUnfinished ? { at: running.at, after: ids.at(-1) as string } : null });
  return { lanes: isSkipped ? [] : await startPage(tx, flow, { at: running.at, until: nextAt }, ids, configuration, now), isUnfinished };
}

async function startPage(tx: StoreTransaction, flow: LiveFlow, { at, until }: { at: number; until: number }, ids: readonly string[], configuration: WorkspaceConfiguration, now: number): Promise<string[]> {
  const { flowId } = flow.compiled.definition;
  const trigger: TriggerOccurrence = isScheduled(flow) ? { kind: 'schedule', flowId, days: daysOf(flow, configuration, at, until), isHistorical: false } : { kind: 'sync', flowId, isHistorical: false };
  const people = [...new Set((await loadPeople(tx, configuration, ids, now)).values())].filter((person) => isMeant(flow, person));
  const occurrences = people.map((person) => ({ person, occurrenceId: `${trigger.kind}|${at}`, trigger, event: null }));
  return writePeople(tx, { configuration, people, occurrences, consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now });
}

type ScheduleTrigger = Extract<FlowTrigger, { type: 'schedule' }>;

function isScheduled({ compiled }: LiveFlow): boolean {
  return compiled.definition.trigger.type === 'schedule';
}

/** The days of all occurrences that are made up for: whose date returned while nothing ran, or while everybody was gone through, is not left out. */
function daysOf(flow: LiveFlow, configuration: WorkspaceConfiguration, at: number, until: number): number[] {
  if ((flow.compiled.definition.trigger as ScheduleTrigger).anniversaryOf === undefined) return [];
  const { cron, zone } = calendarOf(flow, configuration);
  return daysOfOccurrences(cron, zone, at, until);
}

/** Of a flow over a segment only its members are meant. */
function isMeant({ compiled: { definition: { trigger } } }: LiveFlow, { profile }: PersonWork): boolean {
  return trigger.type !== 'segment' || profile.memberships[trigger.segmentId]?.isMember === true;
}

/** Everybody at once would stand before what people do at this moment: no more is made than the destination can take soon. */
async function isFull({ compiled: { definition: { steps } }, fillsSince }: LiveFlow, { workspaceId }: WorkspaceConfiguration, store: Store, now: number): Promise<boolean> {
  if (fillsSince === undefined) return false;
  for (const step of steps) {
    if (step.type !== 'deliver') continue;
    const due = await store.findDueDeliveries({ workspaceId, connectionId: step.connectionId }, now, MAX_WAITING, []);
    if (due.length === MAX_WAITING) return true;
  }
  return false;
}

/** A row that was reckoned for another version, pattern or zone begins anew; everybody is gone through again only where that was asked for, whatever the version. */
function isOf(row: ScheduleRow, flow: LiveFlow, configuration: WorkspaceConfiguration): boolean {
  return row.pattern === patternOf(flow, configuration) && (flow.fillsSince !== undefined || row.flowVersion === flow.compiled.definition.version);
}

function patternOf(flow: LiveFlow, configuration: WorkspaceConfiguration): string {
  if (flow.fillsSince !== undefined) return fillPattern(flow.fillsSince);
  const { cron, zone } = calendarOf(flow, configuration);
  return `${zone} ${cron}`;
}

function nextTimeOf(flow: LiveFlow, configuration: WorkspaceConfiguration, now: number): number {
  if (flow.fillsSince !== undefined) return NEVER;
  const { cron, zone } = calendarOf(flow, configuration);
  return nextOccurrence(cron, zone, now) ?? NEVER;
}

function calendarOf({ compiled: { definition } }: LiveFlow, { flowSettings }: WorkspaceConfiguration): { cron: string; zone: string } {
  const { cron, timeZone: zone = flowSettings.timeZone } = definition.trigger as ScheduleTrigger;
  return { cron, zone };
}

/**
 * How far the one run over everybody is: the profile id that it has come to, null at its beginning; `isDone` when all were gone through.
 *
 * @param row the flow's, undefined as long as no process has seen it
 * @example fillingOf(rows.find(({ flowId }) => flowId === 'sync.crm'), since) // { after: 'p-77', isDone: false }
 */
export function fillingOf(row: Pick<ScheduleRow, 'pattern' | 'nextAt' | 'running'> | undefined, since: number): { after: string | null; isDone: boolean } {
  if (row?.pattern !== fillPattern(since)) return { after: null, isDone: false };
  return { after: row.running?.after ?? null, isDone: row.running === null && row.nextAt === NEVER };
}

function fillPattern(since: number): string {
  return `since ${since}`;
}
