import type { Collections, StoredQualityResult } from '@firsthand/persistence';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Scores over time, of a source or of one field of it. */
export interface Curve {
  connectionId: string;
  /** Null for the source as a whole. */
  field: string | null;
  points: { at: string; score: number }[];
}

export interface CurveQuery {
  workspaceId: string;
  /** Epoch ms. */
  from: number;
  to: number;
  every: 'hour' | 'day';
  by: 'source' | 'field';
}

/** The mean score of each source or field per hour or day, in the order of their names. */
export async function readCurves({ qualityResults }: Pick<Collections, 'qualityResults'>, { workspaceId, from, to, every, by }: CurveQuery): Promise<Curve[]> {
  const step = every === 'hour' ? HOUR_MS : DAY_MS;
  const rows = await qualityResults.aggregate<{ _id: { connectionId: string; field: string | null; at: number }; score: number }>([
    { $match: { workspaceId, hour: { $gte: from - (from % HOUR_MS), $lte: to }, ...(by === 'field' ? { field: { $type: 'string' } } : {}) } },
    { $group: { _id: { connectionId: '$connectionId', field: by === 'field' ? '$field' : null, at: { $subtract: ['$hour', { $mod: ['$hour', step] }] } }, score: { $avg: '$score' } } },
  ]).toArray();
  const curves = new Map<string, Curve>();
  for (const { _id: { connectionId, field, at }, score } of rows.sort((one, other) => one._id.at - other._id.at)) {
    const key = JSON.stringify([connectionId, field]);
    const curve = curves.get(key) ?? { connectionId, field, points: [] };
    curves.set(key, curve);
    curve.points.push({ at: new Date(at).toISOString(), score });
  }
  return [...curves].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, curve]) => curve);
}

/** The last verdicts. */
export interface Latest {
  get(expectationId: string, connectionId: string): StoredQualityResult | undefined;
}

/** The last verdict on each expectation at each source since an hour, by its start. */
export async function readLatest({ qualityResults }: Pick<Collections, 'qualityResults'>, workspaceId: string, since: number): Promise<Latest> {
  const rows = await qualityResults.find({ workspaceId, hour: { $gte: since } }, { sort: { hour: 1 } }).toArray();
  const latest = new Map(rows.map((row) => [JSON.stringify([row.expectationId, row.connectionId]), row]));
  return { get: (expectationId, connectionId) => latest.get(JSON.stringify([expectationId, connectionId])) };
}
