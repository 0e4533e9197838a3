import { FirsthandError, type Identity } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { standingsOf, consentStandingSchema, type ConsentStandings } from '../consents/consents.js';
import { deliveryWithEvidenceSchema, viewDelivery, viewExchange, type DeliveryWithEvidence } from '../deliveries/delivery-view.js';
import { findEvidence } from '../deliveries/find-evidence.js';
import { findInFlight, newestFirst } from '../deliveries/find-in-flight.js';
import type { Caller } from '../http/caller.js';
import { identityQuerySchema, identitySchema, normaliseIdentity } from '../http/identity-body.js';
import { refuseHiddenIdentity } from '../http/refuse-hidden.js';
import { findPerson, getHolderOf, type FoundPerson } from './find-person.js';
import { keptEvent, keptFilter } from './kept-events.js';
import { peopleMask } from './people-mask.js';
import { eventSchema, viewEvent } from './view-event.js';
import { traitsSchema, unsetTraitsSchema, viewTraits, type TraitsView } from './view-traits.js';

const MAX_DELIVERIES = 100;
const time = z.iso.datetime();

export const lookupQuerySchema = identityQuerySchema.extend({ events: z.coerce.number().int().min(0).max(500).default(100).meta({ description: 'Newest events to show.' }) });
export type LookupQuery = z.infer<typeof lookupQuerySchema>;
export const timelineQuerySchema = z.object({ events: z.coerce.number().int().min(0).max(500).default(100) });
export type TimelineQuery = z.infer<typeof timelineQuerySchema>;

/** The same in a body: an address or number in a URL ends up in logs of proxies. */
export const lookupBodySchema = z.strictObject({ ...identitySchema.shape, events: z.int().min(0).max(500).default(100).meta({ description: 'Newest events to show.' }) }).meta({ id: 'ProfileLookup', examples: [{ namespace: 'email', value: 'ana@example.com', events: 20 }] });

export const profileSchema = z.object({
  id: z.string(), version: z.int(), mergedFrom: z.array(z.string()), identities: z.array(identitySchema.extend({ isVerified: z.boolean() })),
  traits: traitsSchema, unsetTraits: unsetTraitsSchema, memberships: z.array(z.object({ segmentId: z.string(), isMember: z.boolean(), since: time })), lists: z.array(z.object({ segmentId: z.string(), since: time, origin: z.string().meta({ description: '`upload`, or `flow|` and the id of the flow.' }) })).meta({ description: 'Static lists that the person stands on.' }),
  firstSeenAt: time, lastSeenAt: time, timeline: z.array(eventSchema), consents: consentStandingSchema, deliveries: z.array(deliveryWithEvidenceSchema),
}).meta({ id: 'Profile' });

export interface ProfileView extends TraitsView {
  id: string;
  version: number;
  mergedFrom: string[];
  identities: (Identity & { isVerified: boolean })[];
  memberships: { segmentId: string; isMember: boolean; since: string }[];
  lists: { segmentId: string; since: string; origin: string }[];
  firstSeenAt: string;
  lastSeenAt: string;
  timeline: object[];
  consents: ConsentStandings;
  deliveries: DeliveryWithEvidence[];
}

/** Everything known of the person whom an identity names, as far as the caller may see it. @throws FirsthandError `NOT_FOUND`, `FORBIDDEN` */
export async function lookUpProfile(admin: AdminContext, caller: Caller, { events, ...identity }: LookupQuery): Promise<ProfileView> {
  const { workspaceId, ability } = caller;
  refuseHiddenIdentity(ability, identity.namespace);
  return viewPerson(admin, caller, await getHolderOf(admin, workspaceId, normaliseIdentity(identity)), events);
}

/** The same by profile id; one that was merged away leads to the person it became. @throws FirsthandError `NOT_FOUND` */
export async function getProfile(admin: AdminContext, caller: Caller, id: string, { events }: TimelineQuery): Promise<ProfileView> {
  const person = await findPerson(admin, caller.workspaceId, id);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  return viewPerson(admin, caller, person, events);
}

async function viewPerson(admin: AdminContext, caller: Caller, person: FoundPerson, events: number): Promise<ProfileView> {
  const { profile, profileIds } = person;
  const now = admin.clock();
  const { workspaceId, ability } = caller;
  const mask = peopleMask(admin, caller);
  const [timeline, deliveries, consents] = await Promise.all([
    events === 0 ? [] : admin.collections.events.find({ workspaceId, profileId: { $in: profileIds }, ...keptFilter(person, now) }, { sort: { 'record.occurredAt': -1 }, limit: events }).toArray(),
    deliveriesOf(admin, workspaceId, profileIds),
    standingsOf(admin, workspaceId, person, profile.identities),
  ]);
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    id: profile.profileId, version: profile.version, mergedFrom: profile.mergedFrom,
    identities: profile.identities.filter(({ namespace }) => ability.can('read', 'profile', `identities.${namespace}`)).map((identity) => ({ ...identity, value: mask.identity(identity), isVerified: profile.verifiedKeys.includes(`${identity.namespace}|${identity.value}`) })),
    ...viewTraits(admin, caller, person, mask),
    memberships: Object.entries(profile.memberships).map(([segmentId, { isMember, at }]) => ({ segmentId, isMember, since: iso(at) })),
    lists: (profile.lists ?? []).map(({ segmentId, at, origin }) => ({ segmentId, since: iso(at), origin })),
    firstSeenAt: iso(profile.firstSeenAt), lastSeenAt: iso(profile.lastSeenAt), timeline: timeline.flatMap((event) => keptEvent(event, person, now) ?? []).map((event) => viewEvent(event, mask)), consents, deliveries,
  };
}

async function deliveriesOf(admin: AdminContext, workspaceId: string, profileIds: readonly string[]): Promise<DeliveryWithEvidence[]> {
  const own = (await findInFlight(admin.collections, workspaceId)).filter(({ profileId }) => profileIds.includes(profileId));
  const stored = await admin.collections.deliveries.find({ workspaceId, profileId: { $in: [...profileIds] } }, { sort: { createdAt: -1, seq: -1 }, limit: MAX_DELIVERIES }).toArray();
  const rows = newestFirst([...own, ...stored]).slice(0, MAX_DELIVERIES);
  const proof = await findEvidence(admin, workspaceId, rows.map(({ _id }) => _id));
  return rows.map((row) => ({ ...viewDelivery(row), exchange: row.exchange === undefined ? null : viewExchange(row.exchange), ...(proof.get(row._id) ?? { evidence: [], outcomes: [] }) }));
}
