import type { mongo } from 'mongoose';
import { storeKey } from '../store/store-key.js';
import { identitiesOf, profileKeys, type DataSubject } from './data-subject.js';

/** A filter over the documents of a collection. */
export type RowsFilter = mongo.Filter<{ _id: string; [field: string]: unknown }>;

/** A collection with rows about persons. */
export interface PersonPlace {
  holds: 'person';
  /** What of a person lies there, for people to read. */
  what: string;
  /** The rows of a person, by an index; null where no field leads to them and {@link PersonPlace.search} says how they are found. */
  rows: ((subject: DataSubject) => RowsFilter) | null;
  /** How rows are found that no filter finds. */
  search?: string;
  /** Whether a person who asks for their data is given it; if not, why. */
  export: { given: true } | { given: false; because: string };
  /**
   * What becomes of it when the person is erased. `deleted`: the rows go. `stripped`: what tells of the person is taken out of rows that hold others or proof. `kept`: it holds no more than ids that
   * are random and lead nowhere once the rest is gone.
   */
  erasure: 'deleted' | 'stripped' | 'kept';
  /** How, or why it may be kept. */
  because: string;
}

/** A collection without rows about persons, and why. */
export interface NobodyPlace {
  holds: 'nobody';
  because: string;
}

const GIVEN = { given: true } as const;
const byProfile = ({ workspaceId, profileIds }: DataSubject): RowsFilter => ({ workspaceId, profileId: { $in: [...profileIds] } });
const byKey = (subject: DataSubject): RowsFilter => ({ _id: { $in: profileKeys(subject) } });
const changesOf = ({ workspaceId, profileIds }: DataSubject): RowsFilter => (profileIds.length === 0 ? { workspaceId, profileId: { $in: [] } }
  : { $or: profileIds.map((profileId) => ({ _id: { $gte: `${storeKey(workspaceId, profileId)}|`, $lt: `${storeKey(workspaceId, profileId)}}` } })) });
const requestsOf = (subject: DataSubject): RowsFilter => ({
  workspaceId: subject.workspaceId, $or: [{ 'content.profileId': { $in: [...subject.profileIds] } }, { 'content.identities': { $in: identitiesOf(subject) } }],
});

function person(what: string, rows: PersonPlace['rows'], erasure: PersonPlace['erasure'], because: string, more: Partial<Pick<PersonPlace, 'export' | 'search'>> = {}): PersonPlace {
  return { holds: 'person', what, rows, export: GIVEN, erasure, because, ...more };
}
function nobody(because: string): NobodyPlace {
  return { holds: 'nobody', because };
}
function notGiven(because: string): Pick<PersonPlace, 'export'> {
  return { export: { given: false, because } };
}

/** Staff, keys and settings: the brand's own people, who are not its customers. */
const CONFIGURED = nobody('Settings of the workspace.');
const STAFF = nobody('Accounts of the brand’s own staff, who are removed with their account.');

/**
 * Where a person is, over all collections of the database: how their rows are found, whether they are given to a person who asks (GDPR art. 15, 20; PIPL art. 45), and what becomes of them
 * when the person is erased (art. 17; art. 47). A collection that is not here fails a test.
 *
 * @example const { events } = PERSON_DATA; if (events?.holds === 'person' && events.rows !== null) await db.collection('events').find(events.rows(subject)).toArray();
 */
export const PERSON_DATA: Readonly<Record<string, PersonPlace | NobodyPlace>> = {
  inbox: person('Records that came in and wait for a moment to be applied.', null, 'stripped', 'Those of the person are emptied and counted as refused; what is being applied meanwhile is refused by the tombstone.', {
    search: 'The text of each waiting document is looked through.', ...notGiven('It becomes events within moments.'),
  }),
  events: person('What the person did, and when.', byProfile, 'deleted', 'With those of other people that name an identity of the person; what a legal hold keeps lies in `heldData` from then on.'),
  rawRecords: person('Records as sources sent them, for a short time.', null, 'stripped', 'The texts of the person’s events are emptied; the rows hold other people’s too.', { search: 'By the events: each names its row and place.' }),
  quarantine: person('Records that could not be used.', null, 'deleted', 'Who they are about nobody has read from them; so every value in them is compared.', { search: 'The text of each row is looked through.' }),
  quarantineJobs: nobody('Which quarantined records are released or discarded, by filter and ids, who of the staff asked for it, and counts.'),
  identities: person('By what the person is known.', byProfile, 'deleted', 'Their keyed digests stay as tombstones; a device that others are known on is theirs from then on.'),
  aliases: person('Profiles that turned out to be the person’s.', byKey, 'deleted', 'The ids then lead nowhere.', notGiven('The profile names them.')),
  merges: person('The profile as it was before it was united with another.', ({ workspaceId, profileIds }) => ({ workspaceId, $or: [{ winner: { $in: [...profileIds] } }, { loser: { $in: [...profileIds] } }] }), 'deleted', 'It is a copy of the profile.'),
  identityLinks: person('Links between identities that a limit held back.', ({ workspaceId, identityKeys }) => ({ workspaceId, keys: { $in: [...identityKeys] } }), 'deleted', 'By the identities at either end.', notGiven('What is theirs stands in the profile; the other end may be somebody else’s.')),
  matchSuggestions: person('That the profile may be one person’s with another, how likely and by which fields; no values.', ({ workspaceId, profileIds }) => ({ workspaceId, profileIds: { $in: [...profileIds] } }), 'deleted', 'By profile.', notGiven('It is a guess that names somebody else’s profile; until a person has decided on it nothing follows from it.')),
  matchKeys: person('Keyed digests of what people are compared by, while a run of the matcher goes on.', byProfile, 'deleted', 'By profile; all of them go when the run ends.', notGiven('They are digests under a key of the installation, and say nothing.')),
  matchBlocks: nobody('How many share such a digest, while a run of the matcher goes on.'),
  matchRuns: nobody('Where the matcher stands, the profile id or digest with it, and counts of how often people agree in what.'),
  profiles: person('Traits, counters, segments and lists.', byKey, 'deleted', 'In the first step.'),
  salts: person('What the digests of the person’s payloads are keyed by.', byKey, 'deleted', 'The digests in the evidence then match nothing.', notGiven('It is a key, and says nothing.')),
  consents: person('What the person decided.', ({ workspaceId, identityKeys }) => ({ workspaceId, identityKey: { $in: [...identityKeys] } }), 'stripped', 'Identity and nonce go together; commitment and chain go on to verify (GDPR art. 7(1), 17(3)(e)).'),
  unsealedConsents: nobody('Random ids and hashes of records, for about a second.'),
  consentStates: person('What stands of the person’s decisions.', byKey, 'deleted', 'It is folded from the consents.'),
  confirmations: person('Which contacts were asked to confirm a consent, whoever typed them in.', ({ workspaceId, identityKeys }) => ({ workspaceId, _id: { $in: identityKeys.map((key) => storeKey(workspaceId, key)) } }), 'deleted', 'By the identity.', notGiven('What was asked and confirmed stands in the consents; it is the note of whom not to ask again, for 90 days.')),
  tombstones: nobody('Keyed digests of the identities of those who were erased: without the secret key nobody can be tested against them.'),
  erasures: person('An erasure under way: by what the person’s rows are found.', ({ workspaceId, profileIds }) => ({ workspaceId, profileIds: { $in: [...profileIds] } }), 'stripped', 'Identities go when all is removed, ids when all recipients are told; counts and recipients stay for the certificate.', notGiven('The certificate is.')),
  oneTimeCodes: nobody('Keyed hashes of an identity and of a code, for a day at most: neither can be read from them.'),
  loginTries: nobody('Keyed hashes of an account or address, and how often a try failed, for 15 minutes: neither can be read from them.'),
  heldData: nobody('Facts of erased people that a law obliges to keep, under a pseudonym, until the hold ends.'),
  legalHolds: nobody('Which categories a law obliges to keep, why and until when.'),
  privacyRequests: person('What the person asked for.', requestsOf, 'stripped', 'That and when it was asked stays, as proof that it was answered; identities, profile, and what was asked for in detail go.'),
  disclosures: person('Who got which fields of the person, and the identifiers as sent.', byProfile, 'deleted', 'When each recipient has been told, or cannot be: the identifiers are what it is told by.'),
  audienceMembers: person('In which audiences of recipients the person is, by which identifiers.', byProfile, 'deleted', 'When the recipient has been told, or cannot be.'),
  syncStates: person('Keyed digests of what systems hold of the person, by which an echo of what was written is told from an edit.', byProfile, 'deleted', 'By profile.', notGiven('They are digests, and say nothing; what was sent stands in the deliveries.')),
  deliveries: person('What was, or is to be, sent because of what: ids only.', byProfile, 'deleted', 'Those that have ended; what is pending is cancelled first.'),
  inFlight: person('Deliveries that are being sent at this moment: ids only.', null, 'kept', 'For seconds: they end as deliveries and are deleted there.', { search: 'The text names profiles.', ...notGiven('They are deliveries within seconds.') }),
  evidence: person('Proof of each decision and send, by a random subject key.', null, 'kept', 'Chained, so nothing can be taken out. The subject key stands on the profile alone and goes with it; digests go with the salt.', { search: 'By the ids of the person’s deliveries and of their consents.' }),
  changes: person('Which fields of the profile changed, and when: names only.', changesOf, 'deleted', 'Their keys begin with the profile.', notGiven('Profile and events tell the values and times.')),
  changeBlocks: person('Which fields, consents and segments of the person changed, for those who follow changes: names only.', null, 'stripped', 'Their changes are emptied; that the person was removed is told for as long as changes are kept, by an id that leads nowhere.', {
    search: 'The rows of `changes` name the blocks.', ...notGiven('Profile, consents and events tell the values and times.'),
  }),
  changeHeads: nobody('The number that a change was given last.'),
  runs: person('Where the person stands in flows, and what calls answered about them.', byProfile, 'deleted', 'In the first step, so that none goes on.'),
  flowEntries: person('When the person last came into a flow.', byProfile, 'deleted', 'By profile.', notGiven('It holds a time that runs and deliveries tell too.')),
  contacts: person('When the person was written to over which channel.', byProfile, 'deleted', 'By profile.'),
  auditTrail: person('Which of the staff looked at or changed what, by the profile’s id.', ({ workspaceId, profileIds }) => ({ workspaceId, resourceId: { $in: [...profileIds] } }), 'kept', 'Chained, and without values; the id leads nowhere once the profile is gone.', notGiven('It is about the brand’s staff.')),
  personExports: person('Which copies of the person’s data were made, and whether they were fetched.', byProfile, 'deleted', 'Before their files, so that a worker that makes one at this moment can write no more of it.', notGiven('The copy is in their hands.')),
  personExportChunks: person('The files of those copies, packed.', byProfile, 'deleted', 'After their rows.', notGiven('It is the copy itself.')),
  backfills: nobody('Counters to be filled, and the profile id at which the work stands.'),
  schedules: nobody('Times of flows, and the profile id at which an occurrence under way stands.'),
  audienceCompares: nobody('Counts, the vendor’s lists, and the profile id at which the work stands.'),
  reconciles: nobody('Counts of what was compared with what a system holds, and the profile id or the system’s cursor at which the work stands.'),
  reconcileFindings: person('That a system holds other data of the person than we do, and in which fields; no values.', byProfile, 'deleted', 'By profile. What was found of somebody whom we do not know is a keyed digest.', notGiven('It says which fields differed on a day; the data is in the profile.')),
  reconcileSeen: person('That a system has listed the person, while a reconcile goes on.', byProfile, 'deleted', 'By profile; all of them go when the reconcile ends.', notGiven('It is an id and a keyed digest, for as long as a reconcile takes.')),
  retentionSweeps: nobody('Where the sweep of what may be kept no longer stands, and counts.'),
  ledger: nobody('Counts per connection and minute.'),
  balanceReports: nobody('Counts per connection and minute of a day.'),
  stepCounts: nobody('Counts per flow, step and hour.'),
  freshnessCounts: nobody('How long writes took, counted per source, destination and minute, for seconds.'),
  freshness: nobody('How long writes took, counted per source, destination and span of time.'),
  qualityCounts: nobody('Counts per expectation, source and five minutes, and keyed digests of values that name no person, for seconds.'),
  qualityHours: nobody('Counts per expectation, source and hour.'),
  qualityDigests: nobody('Keyed digests of values such as ids of orders and stores: what is personal or sensitive is never among them, and none can be read from its digest.'),
  qualityStates: nobody('How expectations stand at sources.'),
  qualityResults: nobody('Scores and counts per expectation, source and hour.'),
  qualityAlerts: nobody('Names of expectations, sources and fields, and counts.'),
  pushGates: nobody('Counts per segment and destination, and who of the staff decided on a push.'),
  segmentSizes: nobody('Counts per segment and hour.'),
  groupNumbers: nobody('Numbers of groups with their noise, and keyed digests of what they count.'),
  lanes: nobody('Leases, chain heads, and where the poll of a source stands.'),
  workspaces: CONFIGURED, connections: CONFIGURED, expectations: CONFIGURED, syncRules: CONFIGURED, mappings: CONFIGURED, mappingVersions: CONFIGURED, purposes: CONFIGURED, agreements: CONFIGURED, segments: CONFIGURED, flows: CONFIGURED, customFields: CONFIGURED, customEvents: CONFIGURED, trackingPlans: CONFIGURED, customEntities: CONFIGURED, dictionaryVersions: CONFIGURED, trackingPlanVersions: CONFIGURED, configVersions: CONFIGURED,
  roles: STAFF, users: STAFF, apiKeys: STAFF, sessions: STAFF, accountTokens: STAFF, secondFactors: STAFF,
  schema: nobody('The version of the database.'),
};
