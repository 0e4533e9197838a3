import type { Expectation } from './expectation.js';
import type { WindowVerdict } from './judge-window.js';

/** How an expectation stands at one source, and what was told of it. Times are epoch ms. */
export interface QualityStanding {
  status: WindowVerdict['status'];
  /** Since when it has that status. */
  since: number;
  /** Whether those who are told were told last that it fails. */
  isTold: boolean;
  /** When they were told so last; null for never. */
  toldAt: number | null;
}

/** What is to be told. */
export type QualityTidings = 'failing' | 'recovered' | 'withdrawn';

const MINUTE_MS = 60_000;

/** The standing of what has not been judged yet. */
export function newStanding(now: number): QualityStanding {
  return { status: 'unknown', since: now, isTold: false, toldAt: null };
}

/**
 * Moves a standing on by a verdict. Too little to say changes nothing: what fails goes on to until the data says otherwise. That it fails is told once, and not again within the cool-down of
 * the last time, so that what comes and goes is no stream of alarms; what fails still when that is over is told then. That it has recovered is told once if it was told that it fails.
 *
 * @example moveStanding(standing, verdict, { now, alert }).tidings // 'failing'
 */
export function moveStanding(standing: QualityStanding, { status }: Pick<WindowVerdict, 'status'>, { now, alert }: { now: number; alert: Expectation['alert'] }): { standing: QualityStanding; tidings: QualityTidings | null } {
  const moved = status === 'unknown' || status === standing.status ? standing : { ...standing, status, since: now };
  if (alert === null) return { standing: moved.isTold ? { ...moved, isTold: false } : moved, tidings: null };
  if (moved.status === 'failing' && !moved.isTold && (moved.toldAt === null || now - moved.toldAt >= alert.coolDownMinutes * MINUTE_MS)) {
    return { standing: { ...moved, isTold: true, toldAt: now }, tidings: 'failing' };
  }
  if (moved.status === 'passing' && moved.isTold) return { standing: { ...moved, isTold: false }, tidings: 'recovered' };
  return { standing: moved, tidings: null };
}
