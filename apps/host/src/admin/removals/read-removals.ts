import { disclosureRow, type StoredDelivery } from '@firsthand/persistence';
import { groupBy, isLateRemoval, owedRemovals, removalStatus, TAKE_BACK_CAUSES, type DisclosureRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import { shownId } from '../deliveries/delivery-view.js';
import { findEvidence, type DeliveryEvidence } from '../deliveries/find-evidence.js';
import type { FoundPerson } from '../profiles/find-person.js';
import type { RemovalView } from './removal-view.js';

type Reading = Pick<AdminContext, 'collections' | 'configuration' | 'clock'>;
const iso = (ms: number): string => new Date(ms).toISOString();
const placeOf = ({ connectionId, action }: { connectionId: string; action: string }): string => JSON.stringify([connectionId, action]);

/**
 * How far each recipient has come with what a person took back: the newest removal of each action, over all profiles merged into the person, the oldest first. Read from
 * the outbox, the evidence, the disclosures and the memberships: nothing of it is kept apart.
 */
export async function readRemovals(admin: Reading, workspaceId: string, person: FoundPerson): Promise<RemovalView[]> {
  const ofPerson = { workspaceId, profileId: { $in: person.profileIds } };
  const rows = await admin.collections.deliveries.find({ ...ofPerson, class: 'suppression', cause: { $in: [...TAKE_BACK_CAUSES] } }).toArray();
  const newest = [...groupBy(rows, placeOf).values()].map((ofPlace) => ofPlace.reduce((one, other) => (isNewer(other, one) ? other : one)));
  if (newest.length === 0) return [];
  const [stored, members, proof] = await Promise.all([
    admin.collections.disclosures.find(ofPerson).toArray(), admin.collections.audienceMembers.find(ofPerson).toArray(), findEvidence(admin as AdminContext, workspaceId, newest.map(({ _id }) => _id)),
  ]);
  const disclosures = groupBy(stored.map(disclosureRow), placeOf);
  const out = groupBy(members, placeOf);
  const configuration = admin.configuration.workspace(workspaceId);
  const owed = owedRemovals(person, configuration, admin.clock());
  const views = newest.map((row) => {
    const grounds = disclosures.get(placeOf(row)) ?? [];
    const confirmed = (out.get(placeOf(row)) ?? []).flatMap(({ sets }) => sets.flatMap(({ state, at }) => (state === 'out' ? [at] : [])));
    return view(row, {
      workspaceId, now: admin.clock(), grounds, connection: configuration.destinations.get(row.connectionId), proof: proof.get(row._id) ?? { evidence: [], outcomes: [] },
      isOwed: row.cause !== 'consent-withdrawn' || owed.isOwed(grounds, row.purpose), confirmedBefore: confirmed.length === 0 ? null : Math.max(...confirmed),
    });
  });
  return views.sort((one, other) => (one.queuedAt < other.queuedAt ? -1 : 1));
}

function isNewer(one: StoredDelivery, other: StoredDelivery): boolean {
  return one.createdAt > other.createdAt || (one.createdAt === other.createdAt && one.seq > other.seq);
}

interface Facts {
  workspaceId: string;
  now: number;
  grounds: readonly DisclosureRow[];
  connection: { name: string; recipient: DisclosureRow['grounds'][number]['recipient']; country: string | null; status: NonNullable<RemovalView['connectionStatus']> } | undefined;
  proof: DeliveryEvidence;
  isOwed: boolean;
  /** When the recipient confirmed an earlier removal, epoch ms. */
  confirmedBefore: number | null;
}

function view(row: StoredDelivery, { workspaceId, now, grounds, connection, proof, isOwed, confirmedBefore }: Facts): RemovalView {
  const { _id, profileId, connectionId, action, operation, cause, purpose, state, reason, attempt, createdAt, dueAt, byHand } = row;
  const sends = proof.outcomes.filter(({ outcome }) => outcome !== 'not-sent');
  const open = proof.evidence.filter((item) => item.attempt === attempt && !proof.outcomes.some((outcome) => outcome.attempt === attempt)).at(-1);
  const status = removalStatus({ action, state, reason }, { isUnderWay: open !== undefined, isOwed });
  const confirmation = byHand === undefined ? sends.find(({ outcome }) => outcome === 'delivered')?.settledAt : iso(byHand.at);
  return {
    deliveryId: shownId(workspaceId, _id), profileId, connectionId, action, recipient: recipientOf(connection, grounds), operation: operation === 'erase' ? 'erase' : 'removeMembers', cause: cause ?? '', purpose,
    status, reason, isLate: isLateRemoval(status, createdAt, now), connectionStatus: connection?.status ?? null,
    attempts: sends.filter(({ outcome }) => outcome !== 'delivered').length, queuedAt: iso(createdAt), sentAt: open?.evaluatedAt ?? sends.at(-1)?.sentAt ?? null,
    confirmedAt: status !== 'confirmed' ? null : (confirmation ?? (confirmedBefore === null ? null : iso(confirmedBefore))), nextTryAt: status === 'queued' ? iso(dueAt) : null,
    byHand: byHand === undefined ? null : { ...byHand, at: iso(byHand.at) },
  };
}

function recipientOf(connection: Facts['connection'], disclosures: readonly DisclosureRow[]): RemovalView['recipient'] {
  if (connection !== undefined) return { name: connection.name, kind: connection.recipient, country: connection.country };
  const grounds = disclosures.flatMap((row) => row.grounds);
  const last = grounds.length === 0 ? undefined : grounds.reduce((one, other) => (other.lastAt > one.lastAt ? other : one));
  return last === undefined ? { name: null, kind: null, country: null } : { name: last.recipientName, kind: last.recipient, country: last.country };
}
