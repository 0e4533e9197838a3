import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { consentRecordsSchema, type ConsentRecordView } from '../consents/consents.js';
import { DELIVERY_EXAMPLE } from '../deliveries/delivery-view.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { unmergePerson, type CorrectedPerson, type Unmerged } from '@firsthand/pipeline';
import { z } from 'zod';
import { Route } from '../http/route.js';
import { correctedSchema, correctionSchema, rectifyProfile, type CorrectionBody } from './rectify-profile.js';
import { objectForPerson, objectionSchema, restrictionSchema, restrictPerson } from './data-subject-acts.js';
import { disclosuresSchema, listDisclosures, type Disclosures } from './disclosures.js';
import { REMOVAL_EXAMPLE, removalsSchema, type Removals } from '../removals/removal-view.js';
import { listPersonRemovals } from '../removals/removals.js';
import { explainPerson, personExplanationQuerySchema, personExplanationSchema, type PersonExplanation, type PersonExplanationQuery } from './explain-person.js';
import { revealedSchema, revealProfile, revealSchema, type RevealBody, type Revealed } from './reveal-profile.js';
import { getTimeline, timelinePageQuerySchema, timelinePageSchema, type TimelinePage, type TimelinePageQuery } from './timeline.js';
import { getProfile, lookUpProfile, lookupBodySchema, lookupQuerySchema, profileSchema, timelineQuerySchema, type LookupQuery, type ProfileView, type TimelineQuery } from './profile-lookup.js';

const example: ProfileView = {
  id: 'p-1', version: 7, mergedFrom: [], identities: [{ namespace: 'email', value: 'ana@example.com', isVerified: true }], traits: [{
    name: 'city', value: 'Shanghai', source: 'crm', at: '2026-11-24T08:00:00.000Z', why: 'owner', rule: 'master channel:crm; then the newest',
    candidates: [{ value: 'Suzhou', source: 'online-shop', at: '2026-11-24T09:00:00.000Z', lostBy: 'owner' }],
  }],
  unsetTraits: [],
  memberships: [{ segmentId: 'recent-buyers', isMember: true, since: '2026-11-24T08:00:01.000Z' }], lists: [{ segmentId: 'store-opening-guests', since: '2026-11-24T08:00:00.000Z', origin: 'upload' }], firstSeenAt: '2026-11-20T08:00:00.000Z', lastSeenAt: '2026-11-24T08:00:00.000Z',
  timeline: [{ id: 'e-1', connectionId: 'online-shop', name: 'Order Completed', type: 'track', occurredAt: '2026-11-24T08:00:00.000Z', receivedAt: '2026-11-24T08:00:00.000Z', properties: {}, flags: [] }],
  consents: { purposes: [{ purpose: 'marketing', recipient: 'processor', isAllowed: true, reason: 'consent-granted', validUntil: null }], records: [] }, deliveries: [{ ...DELIVERY_EXAMPLE, exchange: null, evidence: [], outcomes: [] }],
};

const unmergedSchema = z.object({ winner: z.string().meta({ description: 'Who keeps the profile that both had.' }), loser: z.string() }).meta({ id: 'Unmerged' });

const recipient = { name: 'Our CRM', kind: 'processor', country: 'DE' } as const;
const times = { firstAt: '2026-11-20T08:00:00.000Z', lastAt: '2026-11-24T08:00:00.000Z' };
const disclosuresExample: Disclosures = {
  id: 'p-1', mergedFrom: ['p-0'],
  disclosures: [{
    connectionId: 'crm', action: 'upsert-contact', recipient, purposes: ['marketing'], fields: ['profile.email'], ...times,
    grounds: [{ purpose: 'marketing', reason: 'consent-granted', agreementId: 'privacy-notice', agreementVersion: 2, recipient, fields: ['profile.email'], ...times }],
  }],
};

const act: ConsentRecordView = {
  recordId: 'c-1', purpose: '*', decision: 'denied', recipients: ['own', 'processor', 'third-party'], agreementId: null, agreementVersion: null, textHash: null, method: 'api', sourceConnectionId: null, isVerified: true,
  effectiveAt: '2026-11-24T08:00:00.000Z', recordedAt: '2026-11-24T08:00:00.000Z', actor: { kind: 'user', id: 'u-1' }, isUnproven: false, isUnconfirmed: false, confirms: null, importedAs: null, signatureHash: null, servedNotice: null,
};

@ApiTags('Profiles')
@Controller('admin/v1/profiles')
export class ProfilesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'lookup', summary: 'Everything known of a person', description: 'Traits with where and when they come from, why they won and what lost, the timeline over all channels, segments, consents, and deliveries with their evidence. Each look is written into the audit log.',
    requires: ['read', 'profile'], isAudited: true, gives: profileSchema, errors: ['NOT_FOUND', 'INVALID_REQUEST'], example,
  })
  lookUp(@CallerOf() caller: Caller, @Query({ schema: lookupQuerySchema }) query: LookupQuery): Promise<ProfileView> {
    return lookUpProfile(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'lookup', summary: 'Everything known of a person, by an identity in the body', description: 'As the look-up by query, for who wants no address or number in a URL.',
    requires: ['read', 'profile'], status: 200, isAudited: true, gives: profileSchema, errors: ['NOT_FOUND', 'INVALID_REQUEST'], example,
  })
  lookUpByBody(@CallerOf() caller: Caller, @Body({ schema: lookupBodySchema }) body: LookupQuery): Promise<ProfileView> {
    return lookUpProfile(this.admin, caller, body);
  }

  @Route({ method: 'GET', path: ':id', summary: 'The same by profile id', requires: ['read', 'profile'], isAudited: true, gives: profileSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: timelineQuerySchema }) query: TimelineQuery): Promise<ProfileView> {
    return getProfile(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: ':id/timeline', summary: 'All that happened with a person, in pages', description: 'Events and orders of every channel, decisions, deliveries and merges, over all profiles merged into the person; newest first.',
    requires: ['read', 'profile'], isAudited: true, gives: timelinePageSchema, errors: ['NOT_FOUND', 'INVALID_REQUEST'],
    example: { id: 'p-1', timeline: [{ kind: 'event', at: '2026-11-24T08:00:00.000Z', event: example.timeline[0] }, { kind: 'merge', at: '2026-11-23T08:00:00.000Z', merge: { winner: 'p-1', loser: 'p-0', undoneAt: null } }], nextCursor: null },
  })
  timeline(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: timelinePageQuerySchema }) query: TimelinePageQuery): Promise<TimelinePage> {
    return getTimeline(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: ':id/explain', summary: 'Why a person got nothing of a flow, or what they got',
    description: 'The deliveries of the flow to the person; where there is none, the first thing that stands in the way now. `GET /admin/v1/deliveries/:id/explain` tells more of a delivery.',
    requires: ['read', 'profile'], isAudited: true, gives: personExplanationSchema, errors: ['NOT_FOUND'],
    example: { reason: 'not-in-segment', words: 'The flow starts when somebody has entered the segment recent-buyers, and the person has not.', deliveries: [], now: null },
  })
  explain(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: personExplanationQuerySchema }) query: PersonExplanationQuery): Promise<PersonExplanation> {
    return explainPerson(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: ':id/disclosures', summary: 'Who ever received which fields of a person, and under which agreement',
    description: 'Noted ahead of each send, so that a recipient is here that a crash kept from getting anything, and none is missing. Over all profiles merged into the person; names of fields only.',
    requires: ['read', 'profile'], isAudited: true, gives: disclosuresSchema, errors: ['NOT_FOUND'], example: disclosuresExample,
  })
  disclosures(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<Disclosures> {
    return listDisclosures(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: ':id/unmerge', summary: 'Takes a merge back', description: 'By the profile that was merged away (`mergedFrom`). Each has their own identities, fields and consents again; segments and audiences follow, and what only the other had agreed to is taken back.',
    requires: ['update', 'profile'], isResult: true, gives: unmergedSchema, errors: ['NOT_FOUND', 'MERGE_NOT_UNDOABLE'], example: { winner: 'p-1', loser: 'p-0' },
  })
  unmerge(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<Unmerged> {
    return unmergePerson({ workspaceId: caller.workspaceId, loser: id }, this.admin);
  }

  @Route({
    method: 'GET', path: ':id/removals', summary: 'How far each recipient has come with what a person took back', description: 'The newest removal of each action, over all profiles merged into the person. The person sees the same on the privacy page.',
    requires: ['read', 'profile'], isAudited: true, gives: removalsSchema, errors: ['NOT_FOUND'], example: { id: 'p-1', mergedFrom: ['p-0'], removals: [REMOVAL_EXAMPLE] },
  })
  removals(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<Removals> {
    return listPersonRemovals(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: ':id/reveal', summary: 'Reads values of a person in full, for a purpose and a reason', description: 'Only the fields asked for are told. Purpose, reason and field names are in the audit log before a value is read.',
    requires: ['reveal', 'personalData'], isResult: true, gives: revealedSchema, errors: ['NOT_FOUND'], example: { id: 'p-1', fields: [{ field: 'identities.phone', values: ['+8613812345678'] }] },
  })
  reveal(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: revealSchema }) body: RevealBody): Promise<Revealed> {
    return revealProfile(this.admin, caller, id, body);
  }

  @Route({
    method: 'POST', path: ':id/restriction', summary: 'Restricts all use of a person’s data, or lifts that', description: 'Art. 18 GDPR: what is stored stays; legal duties and vital interests alone go on. When it answers, no send that is decided later uses it.',
    requires: ['create', 'consent'], status: 200, isResult: true, gives: consentRecordsSchema, errors: ['NOT_FOUND'], example: { records: [act] },
  })
  restrict(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: restrictionSchema }) { isRestricted }: { isRestricted: boolean }): Promise<{ records: ConsentRecordView[] }> {
    return restrictPerson(this.admin, caller, id, isRestricted);
  }

  @Route({
    method: 'POST', path: ':id/objections', summary: 'Records that a person objects to a purpose', description: 'Art. 21 GDPR: it ends every use that rests on legitimate interest or consent, until the person agrees.',
    requires: ['create', 'consent'], status: 201, isResult: true, gives: consentRecordsSchema, errors: ['NOT_FOUND', 'INVALID_REQUEST'], example: { records: [{ ...act, purpose: 'profiling', decision: 'objected' }] },
  })
  object(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: objectionSchema }) { purpose }: { purpose: string }): Promise<{ records: ConsentRecordView[] }> {
    return objectForPerson(this.admin, caller, id, purpose);
  }

  @Route({
    method: 'POST', path: ':id/rectify', summary: 'Corrects fields and identities of a person', description: 'Art. 16 GDPR. Read as a record of a source is; holds against whatever was said before and comes later. An identity that was wrong is nobody’s known from then on. The audit log has names of fields, no values.',
    requires: ['operate', 'privacyRequest'], status: 200, isResult: true, gives: correctedSchema, errors: ['NOT_FOUND', 'INVALID_REQUEST', 'NOT_CORRECTABLE', 'IDENTITY_TAKEN', 'PERSON_ERASED'],
    example: { profileId: 'p-1', fields: ['identities.email', 'profile.city', 'profile.email'], recipients: [{ connectionId: 'crm', action: 'upsert-contact' }] },
  })
  rectify(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: correctionSchema }) body: CorrectionBody): Promise<CorrectedPerson> {
    return rectifyProfile(this.admin, caller, id, body);
  }
}
