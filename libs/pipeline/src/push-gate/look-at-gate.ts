import { isSameJson, judgePush, NOT_COMPUTED, pushAllowance, pushBaseline, pushWindowStart, type JsonValue, type PushBaseline, type PushFigures, type PushLimits } from '@firsthand/domain';
import type { Clock, ConfigurationSource, WorkspaceConfiguration } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';
import type { PushGateRow } from './push-gate-row.js';
import type { PushGateStore } from './push-gate-store.js';
import { pushLimitsOf, sentPaths } from './push-limits-of.js';

/** How soon a held push is looked at again: its segment may be as it was. */
const LOOK_AGAIN_MS = 60_000;

export interface LookAtGateOptions {
  store: Pick<Store, 'transaction'>;
  pushGates: PushGateStore;
  configuration: ConfigurationSource;
  clock: Clock;
}

interface Look {
  figures: PushFigures;
  baseline: PushBaseline;
  limits: PushLimits;
}

/**
 * Looks at a segment and opens its gate to a destination, or holds it: where limits are broken, and where the figures could not be had. Whoever decided meanwhile has the last word.
 *
 * @returns the gate as it is then
 * @example (await lookAtGate(row, options)).state
 */
export async function lookAtGate(row: PushGateRow, { store, pushGates, configuration: source, clock }: LookAtGateOptions): Promise<PushGateRow> {
  const configuration = source.workspace(row.workspaceId);
  const limits = pushLimitsOf(configuration, row.segmentId);
  const look = limits === null ? null : await takeLook(row, { configuration, limits, pushGates, now: clock() }).catch(() => undefined);
  return store.transaction(async (tx) => {
    const current = (await tx.findPushGates([row.gateId])).get(row.gateId);
    if (current !== undefined && current.version !== row.version) return current;
    const now = clock();
    const next = look === undefined ? held(row, { breaches: [NOT_COMPUTED] }, now) : look === null ? opened(row, {}, now) : judged(row, look, now);
    await tx.writePushGates([next]);
    return next;
  });
}

async function takeLook(row: PushGateRow, { configuration, limits, pushGates, now }: { configuration: WorkspaceConfiguration; limits: PushLimits; pushGates: PushGateStore; now: number }): Promise<Look> {
  const measured = await pushGates.measure(row, sentPaths(configuration, row));
  const sizes = await pushGates.listSizes(row, pushWindowStart(limits, now));
  const keepsMembers = Object.values(configuration.destinations.get(row.connectionId)?.destinations ?? {}).some(({ accepts }) => accepts === 'membership');
  // As the recipient was before any of those went who made somebody look.
  const confirmed = keepsMembers ? (await pushGates.countConfirmed(row)) + row.removed : null;
  const figures = { at: now, ...measured };
  return { figures: isSameFigures(row.figures, figures) ? (row.figures as PushFigures) : figures, baseline: pushBaseline({ sizes, confirmed, reference: row.reference }, limits, now), limits };
}

function isSameFigures(known: PushFigures | null, figures: PushFigures): boolean {
  return known !== null && isSameJson({ ...known, at: 0 } as unknown as JsonValue, { ...figures, at: 0 } as unknown as JsonValue);
}

function judged(row: PushGateRow, { figures, baseline, limits }: Look, now: number): PushGateRow {
  const breaches = judgePush(figures, baseline, limits, now);
  if (breaches.length > 0) return held(row, { breaches, figures }, now);
  // What has passed is what the next is held against, until the hours are over.
  const isCurrent = row.reference !== null && row.reference.at >= pushWindowStart(limits, now);
  return opened(row, { figures, allowance: pushAllowance(figures, baseline, limits), reference: isCurrent ? row.reference : { ...figures, at: now, isApproved: false } }, now);
}

function held(row: PushGateRow, found: Partial<PushGateRow>, now: number): PushGateRow {
  const isHeld = row.state === 'held';
  return { ...row, ...found, state: 'held', checkedAt: now, heldSince: isHeld ? row.heldSince : now, toldAt: isHeld ? row.toldAt : null, isReleasing: false, dueAt: now + LOOK_AGAIN_MS };
}

function opened(row: PushGateRow, found: Partial<PushGateRow>, now: number): PushGateRow {
  return { ...row, ...found, state: 'open', checkedAt: now, breaches: [], removed: 0, heldSince: null, toldAt: null, isReleasing: true, dueAt: now };
}
