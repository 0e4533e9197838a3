import { admitPush, dataSubjectOf, decideConsent, firstAllowance, limitsGrowing, limitsShrinking, type PushChanges, type PushLimits } from '@firsthand/domain';
import { consentTargetOf } from '../deliver/decide-delivery.js';
import { groupBy } from '../group-by.js';
import type { PersonWork } from '../person/person-work.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { isTakeBack } from '../ports/take-back-causes.js';
import { flowOf } from '../deliver/flow-of.js';
import { LET_GO } from '../ports/waiting-reasons.js';
import { askedGate, pushGateId, type PushGateRow, type PushPlace } from './push-gate-row.js';
import { pushLimitsOf } from './push-limits-of.js';

/** What a round of a lane asks its gates about. */
export interface GatedRound {
  lease: Pick<LaneLease, 'workspaceId' | 'connectionId'>;
  connection: DestinationConnection;
  configuration: WorkspaceConfiguration;
  due: readonly DeliveryRow[];
  /** What the transaction makes for the lane, the due rows with it, where they are not stored yet. */
  planned?: readonly DeliveryRow[] | undefined;
  evaluatedAt: number;
}

/**
 * The gates of one round of a lane: which of its rows may go out over their segments. Read, decided and written in the transaction of the round, so that a lane's holder passes no gate that has
 * closed, and none twice. Rows of no segment ask nobody.
 */
export class PushGates {
  private readonly shut = new Set<string>();
  private readonly changed: PushGateRow[] = [];
  /** Segment → the profiles of whom older rows of it are held still. */
  private readonly behind = new Map<string, ReadonlySet<string>>();

  private constructor(private readonly round: GatedRound) {}

  /** @param idsOf all profile ids of a row's person */
  static async open(tx: StoreTransaction, round: GatedRound, idsOf: (row: DeliveryRow) => readonly string[]): Promise<PushGates> {
    const gates = new PushGates(round);
    const { lease: { workspaceId, connectionId }, configuration, due, evaluatedAt } = round;
    const limited = [...groupBy(due.filter(isGated), ({ segmentId }) => segmentId as string)].flatMap(([segmentId, rows]) => {
      const limits = pushLimitsOf(configuration, segmentId);
      return limits === null ? [] : [{ place: { workspaceId, connectionId, segmentId }, rows, limits }];
    });
    if (limited.length === 0) return gates;
    const known = await tx.findPushGates(limited.map(({ place }) => pushGateId(place)));
    for (const { place, rows, limits } of limited) {
      const gate = known.get(pushGateId(place));
      const asked = gate ?? askedGate(place, firstAllowance(limits), evaluatedAt);
      gates.ask(gate ?? null, asked, changesOf(rows), await allChanges(tx, { place, rows, limits, allowance: asked.allowance }, round.planned), limits);
      if (gate?.isReleasing === true && gate.state === 'open') gates.behind.set(place.segmentId, new Set(await tx.findHeldPeople(place, rows.flatMap(idsOf))));
    }
    return gates;
  }

  /** @param all with those behind them: the first of many that go must not slip through */
  private ask(known: PushGateRow | null, gate: PushGateRow, changes: PushChanges, all: PushChanges, limits: PushLimits): void {
    const now = this.round.evaluatedAt;
    if (admitPush(known ?? undefined, all, limits, now).isAdmitted) {
      const { allowance } = admitPush(known ?? undefined, changes, limits, now);
      if (allowance !== gate.allowance) this.changed.push({ ...gate, state: 'open', dueAt: known?.dueAt ?? null, allowance, removed: gate.removed + changes.removals });
      return;
    }
    this.shut.add(gate.segmentId);
    if (known === null || known.state === 'open') this.changed.push({ ...gate, state: 'asked', isReleasing: false, dueAt: this.round.evaluatedAt });
  }

  /** Whether a row that could be sent has to wait. What the person's no, or the end of their yes, asks for waits for nobody. */
  stops(row: DeliveryRow, person: PersonWork | undefined, ids: readonly string[]): boolean {
    if (!isGated(row)) return false;
    const segmentId = row.segmentId as string;
    const isBehind = !isLetGo(row) && ids.some((id) => this.behind.get(segmentId)?.has(id));
    return (this.shut.has(segmentId) || isBehind) && !this.isDemanded(row, person);
  }

  private isDemanded(row: DeliveryRow, person: PersonWork | undefined): boolean {
    if (row.class !== 'suppression' || person === undefined) return false;
    if (person.isErased === true) return true;
    const { connection, configuration, evaluatedAt: now } = this.round;
    const destination = connection.destinations[row.action];
    if (destination === undefined) return false;
    const flow = flowOf(row, configuration);
    const target = consentTargetOf(row, connection, destination, flow);
    return !decideConsent({ state: person.consents, subject: dataSubjectOf(person.profile), purpose: configuration.purposes.get(row.purpose), target, agreements: configuration.agreements, now }).isAllowed;
  }

  /** Writes what has changed. */
  async write(tx: StoreTransaction): Promise<void> {
    if (this.changed.length > 0) await tx.writePushGates(this.changed);
  }
}

/** Whether a row carries people of a segment to a destination, or out of it, at nobody's own wish. */
function isGated(row: DeliveryRow): boolean {
  return row.segmentId !== null && row.operation !== 'erase' && !isTakeBack(row);
}

function isLetGo({ reason }: DeliveryRow): boolean {
  return reason !== null && LET_GO.includes(reason);
}

/** What goes in or out with the due rows and behind them, as far as any limit asks; no more than it takes to be too many. */
async function allChanges(tx: StoreTransaction, { place, rows, limits, allowance }: { place: PushPlace; rows: readonly DeliveryRow[]; limits: PushLimits; allowance: number }, planned: readonly DeliveryRow[] | undefined): Promise<PushChanges> {
  const due = changesOf(rows);
  const own = planned === undefined ? { removals: 0, additions: 0 } : changesOf(planned.filter((row) => isGated(row) && row.segmentId === place.segmentId));
  const stored = async (isAsked: boolean, kind: DeliveryRow['class']): Promise<number> => (isAsked ? tx.countPendingChanges(place, kind, allowance + 1) : 0);
  const removals = own.removals + (await stored(limitsShrinking(limits) && due.removals > 0, 'suppression'));
  const additions = own.additions + (await stored(limitsGrowing(limits) && due.additions > 0, 'data'));
  return { removals: Math.max(due.removals, removals), additions: Math.max(due.additions, additions) };
}

/** Rows that were let go have been looked at with their segment. */
function changesOf(rows: readonly DeliveryRow[]): PushChanges {
  const fresh = rows.filter((row) => !isLetGo(row));
  const removals = fresh.filter((row) => row.class === 'suppression').length;
  return { removals, additions: fresh.length - removals };
}
