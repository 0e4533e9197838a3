import { EXPECTATION_SEVERITIES, FirsthandError, hourOf, scoreOf, type CompiledExpectation } from '@firsthand/domain';
import { createQualityStore } from '@firsthand/persistence';
import type { QualityState } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import { DEFAULT_DAYS, MOST_DAYS, MOST_HOURLY_DAYS, type QualityReport, type QualityStandingView, type ReportQuery } from './quality-bodies.js';
import { readCurves, readLatest, type Curve, type Latest } from './read-results.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MOST_ALERTS = 50;
const ORDER: readonly string[] = ['failing', 'unknown', 'passing'];

/**
 * How good the data of a workspace is: per source and field over time, how every expectation stands, and what was told. Counts and names only.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a span of time that is none
 * @example (await qualityReport(admin, 'main', { every: 'hour' })).expectations.filter(({ status }) => status === 'failing')
 */
export async function qualityReport(admin: AdminContext, workspaceId: string, query: ReportQuery): Promise<QualityReport> {
  const { from, to } = rangeOf(query, admin.clock());
  const { expectations, sources } = admin.configuration.workspace(workspaceId);
  const isWanted = ({ connectionId }: { connectionId: string | null }): boolean => query.connectionId === undefined || connectionId === query.connectionId;
  const [states, latest, ofSources, ofFields, alerts] = await Promise.all([
    createQualityStore(admin.connection).findStates(workspaceId), readLatest(admin.collections, workspaceId, hourOf(admin.clock()) - HOUR_MS),
    readCurves(admin.collections, { workspaceId, from, to, every: query.every, by: 'source' }), readCurves(admin.collections, { workspaceId, from, to, every: query.every, by: 'field' }),
    admin.collections.qualityAlerts.find({ workspaceId, createdAt: { $gte: from, $lte: to }, ...(query.connectionId === undefined ? {} : { connectionId: query.connectionId }) }, { sort: { createdAt: -1 }, limit: MOST_ALERTS }).toArray(),
  ]);
  const standings = (expectations?.all ?? []).flatMap((expectation) => standingsOf(expectation, states, latest)).filter(isWanted).sort(byUrgency);
  const nameOf = (connectionId: string): string => sources.get(connectionId)?.name ?? connectionId;
  return {
    workspaceId, from: iso(from), to: iso(to), every: query.every,
    sources: withScores(ofSources.filter(isWanted), standings).map(({ field: _field, ...source }) => ({ ...source, name: nameOf(source.connectionId) })),
    fields: withScores(ofFields.filter(isWanted), standings).flatMap(({ field, ...curve }) => (field === null ? [] : [{ ...curve, field }])),
    expectations: standings,
    alerts: alerts.map(({ _id, tidings, expectationId, connectionId, to: receiver, createdAt, end, content: { name } }) => (
      { alertId: _id.slice(workspaceId.length + 1), type: `quality.${tidings}` as const, expectationId, name, connectionId, to: receiver, at: iso(createdAt), state: end === null ? 'pending' as const : end.as })),
  };
}

/** At each source that has sent something, or that it names; else one line without a source. */
function standingsOf({ expectationId, stamp, definition, field }: CompiledExpectation, states: readonly QualityState[], latest: Latest): QualityStandingView[] {
  const { name, severity, scope: { event }, rule: { kind } } = definition;
  const about = { expectationId, name, kind, severity, event, field };
  const own = states.filter((state) => state.stamp === stamp);
  if (own.length === 0) return [{ ...about, connectionId: null, status: 'unknown', since: null, score: null, checked: null, failed: null, observed: null, expected: null, quarantine: null }];
  return own.map(({ connectionId, status, since }) => {
    const result = latest.get(expectationId, connectionId);
    const { checked = null, failed = null, observed = null, expected = null } = result?.last ?? {};
    const quarantine = `/admin/v1/quarantine/groups?connectionId=${encodeURIComponent(connectionId)}`;
    return { ...about, connectionId, status, since: iso(since), score: result?.last.score ?? null, checked, failed, observed, expected, quarantine };
  });
}

/** The score of now, beside those of then. */
function withScores<C extends Curve>(curves: readonly C[], standings: readonly QualityStandingView[]): (C & { score: number | null; failing: number })[] {
  return curves.map((curve) => {
    const own = standings.filter(({ connectionId, field }) => connectionId === curve.connectionId && (curve.field === null || field === curve.field));
    return { ...curve, score: scoreOf(own.map(({ score }) => score)), failing: own.filter(({ status }) => status === 'failing').length };
  });
}

function byUrgency(one: QualityStandingView, other: QualityStandingView): number {
  const rank = ({ status, severity }: QualityStandingView): number => ORDER.indexOf(status) * 10 - EXPECTATION_SEVERITIES.indexOf(severity);
  return rank(one) - rank(other) || `${one.name} ${one.connectionId}`.localeCompare(`${other.name} ${other.connectionId}`, 'en');
}

function rangeOf({ from, to, every }: ReportQuery, now: number): { from: number; to: number } {
  const end = to === undefined ? now : Date.parse(to);
  const begin = from === undefined ? end - DEFAULT_DAYS * DAY_MS : Date.parse(from);
  const most = every === 'hour' ? MOST_HOURLY_DAYS : MOST_DAYS;
  const isLong = end - begin > most * DAY_MS;
  if (begin > end || isLong) throw new FirsthandError('INVALID_REQUEST', 'The span of time is none.', [{ path: '/from', message: isLong ? `is more than ${most} days before \`to\`` : 'is after `to`' }]);
  return { from: begin, to: end };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
