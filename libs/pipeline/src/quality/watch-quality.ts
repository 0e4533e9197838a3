import { hourOf, hoursOfWindow, judgeWindow, moveStanding, newStanding, stableId, type CompiledExpectation, type QualityTidings, type WindowVerdict } from '@firsthand/domain';
import { LANE_LEASE_MS } from '../deliver/lane-lease.js';
import { underLease } from '../deliver/under-lease.js';
import type { Clock, ConfigurationSource, WorkspaceConfiguration } from '../ports/configuration.js';
import type { LaneLease } from '../ports/rows.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { Store } from '../ports/store.js';
import { eachOf } from '../sweep/each-of.js';
import type { QualityAlertRow, QualityState } from './quality-rows.js';
import type { QualityStore } from './quality-store.js';
import { tellAlerts, type SendQualityAlert } from './tell-alerts.js';

/** The lease under which one process at a time watches a workspace; no connection can have this id. */
export const QUALITY_WATCH = '@quality';
const MINUTE_MS = 60_000;

export interface QualityWatchOptions {
  store: Pick<Store, 'acquireLane' | 'extendLane' | 'releaseLane' | 'inbox'>;
  quality: QualityStore;
  configuration: ConfigurationSource;
  clock: Clock;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
  send: SendQualityAlert;
}

/** What a process remembers of a workspace: when it has to be judged again. */
interface Judged {
  minute: number;
  version: number;
}

/**
 * Watches the quality of what comes in: adds up what batches have counted, judges every expectation once a minute, and tells of those that begin to fail and of those that have recovered. One process at a time
 * watches a workspace. What moves is written as one with what is to be told of it, so a process that dies leaves nothing untold, and the one that follows tells nothing twice.
 *
 * @example repeat(() => watch.tick(configuration.workspaceIds()), { name: 'quality', everyMs: 1_000, logger, onFailure })
 */
export function createQualityWatch(options: QualityWatchOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  const { store, quality, configuration, clock, holder } = options;
  const judged = new Map<string, Judged>();

  async function watch(workspace: WorkspaceConfiguration): Promise<void> {
    const { workspaceId, version } = workspace;
    const now = clock();
    const last = judged.get(workspaceId);
    // A workspace without any has nothing to be added up; what it had before is looked after once per version.
    if (workspace.expectations === undefined && last?.version === version) return;
    await underLease(store, { workspaceId, connectionId: QUALITY_WATCH }, { holder, now }, async (lease) => {
      while ((await quality.compact(workspaceId)) > 0) await store.extendLane(lease, clock() + LANE_LEASE_MS);
      const minute = Math.floor(now / MINUTE_MS);
      if (last?.minute !== minute || last.version !== version) await judgeAll(workspace, lease, now, options);
      judged.set(workspaceId, { minute, version });
      await tellAlerts(workspaceId, options, () => store.extendLane(lease, clock() + LANE_LEASE_MS));
    });
  }

  return {
    tick: async (workspaceIds) => eachOf(workspaceIds, (workspaceId) => watch(configuration.workspace(workspaceId))),
  };
}

async function judgeAll(workspace: WorkspaceConfiguration, lease: LaneLease, now: number, { store, quality, clock }: QualityWatchOptions): Promise<void> {
  const { workspaceId, expectations } = workspace;
  const states = await quality.findStates(workspaceId);
  const byStamp = new Map((expectations?.all ?? []).map((expectation) => [expectation.stamp, expectation]));
  for (const state of states) if (!byStamp.has(state.stamp) || !workspace.sources.has(state.connectionId)) await quality.removeState(state, withdrawal(state, now));
  // While work waits, silence says nothing of the sources.
  const isBehind = await store.inbox.hasDue(now - MINUTE_MS);
  for (const expectation of byStamp.values()) {
    const own = states.filter(({ stamp }) => stamp === expectation.stamp);
    for (const state of await withScope(expectation, own, workspace, now, quality)) {
      await judgeOne(expectation, state, { now, isBehind, quality });
    }
    await store.extendLane(lease, clock() + LANE_LEASE_MS);
  }
}

/** The sources at which an expectation is judged: those that are enabled and have sent something, and the one that it names, also if it never has. */
async function withScope({ expectationId, stamp, definition: { scope } }: CompiledExpectation, own: readonly QualityState[], { workspaceId, sources }: WorkspaceConfiguration, now: number, quality: QualityStore): Promise<QualityState[]> {
  const all = [...own];
  if (scope.connectionId !== null && !own.some(({ connectionId }) => connectionId === scope.connectionId) && sources.has(scope.connectionId)) {
    const state: QualityState = { workspaceId, expectationId, stamp, connectionId: scope.connectionId, ...newStanding(now), countedSince: now, lastAt: null, alertConnectionId: null, revision: 0 };
    await quality.insertState(state);
    all.push(state);
  }
  return all.filter(({ connectionId }) => sources.get(connectionId)?.status === 'enabled');
}

async function judgeOne({ expectationId, definition, field }: CompiledExpectation, state: QualityState, { now, isBehind, quality }: { now: number; isBehind: boolean; quality: QualityStore }): Promise<void> {
  const { rule, alert, severity, scope } = definition;
  if (isBehind && (rule.kind === 'freshness' || rule.kind === 'volume')) return;
  const buckets = await quality.findBuckets(state, hoursOfWindow(definition, now));
  const verdict = judgeWindow(definition, { now, buckets, countedSince: state.countedSince, lastAt: state.lastAt });
  const { standing, tidings } = moveStanding(state, verdict, { now, alert });
  const { workspaceId, connectionId } = state;
  const about = { workspaceId, expectationId, connectionId, kind: rule.kind, severity, event: scope.event, field };
  const result = verdict.score === null ? null : { ...about, hour: hourOf(now), score: verdict.score, last: verdict };
  const content = { name: definition.name, kind: rule.kind, severity, event: scope.event, field, ...figuresOf(verdict) };
  const told = tidings === null || alert === null ? null : newAlert(state, tidings, alert.connectionId, content, now);
  const isMoved = standing !== state;
  if (!isMoved && result === null) return;
  const moved = isMoved ? { ...state, ...standing, alertConnectionId: standing.isTold ? (alert?.connectionId ?? null) : null } : null;
  await quality.save({ state: moved, result, alert: told });
}

/** What was told of an expectation that is no more, or of a source that is gone, is taken back. */
function withdrawal(state: QualityState, now: number): QualityAlertRow | null {
  if (!state.isTold || state.alertConnectionId === null) return null;
  const content = { name: state.expectationId, kind: '', severity: '', event: null, field: null, checked: 0, failed: 0, observed: null, expected: null };
  return newAlert(state, 'withdrawn', state.alertConnectionId, content, now);
}

function newAlert({ workspaceId, expectationId, stamp, connectionId, countedSince, revision }: QualityState, tidings: QualityTidings, to: string, content: QualityAlertRow['content'], now: number): QualityAlertRow {
  // By the revision that it comes of: whoever comes to the same again makes no second one.
  return { alertId: `${workspaceId}|${stableId(workspaceId, stamp, connectionId, countedSince, revision)}`, workspaceId, expectationId, connectionId, tidings, to, content, createdAt: now, attempt: 0, dueAt: now, end: null };
}

function figuresOf({ checked, failed, observed, expected }: WindowVerdict): Pick<QualityAlertRow['content'], 'checked' | 'failed' | 'observed' | 'expected'> {
  return { checked, failed, observed, expected };
}
