import { NULLABLE_NUMBER, NULLABLE_TEXT, NUMBER, OPEN, OPTIONAL, TEXT, storedSchema } from './stored-schema.js';

/** Who is who. */
export const PERSON_SCHEMAS = {
  // Few are marked at any time.
  identities: storedSchema({ profileId: TEXT, createdAt: NUMBER, shares: Number, dueAt: Number, refoldAfter: OPTIONAL, refoldAgain: Boolean, agreedAt: OPTIONAL }, [{ fields: { workspaceId: 1, profileId: 1 } }, { fields: { dueAt: 1, workspaceId: 1 }, partial: { dueAt: { $gt: 0 } } }]),
  aliases: storedSchema({ to: TEXT }, [{ fields: { workspaceId: 1, to: 1 } }]),
  merges: storedSchema({ winner: TEXT, loser: TEXT, at: NUMBER, causeEventId: NULLABLE_TEXT, movedKey: String, undoneAt: Number, before: OPEN }, [
    { fields: { workspaceId: 1, winner: 1 } }, { fields: { workspaceId: 1, loser: 1 } }, { fields: { workspaceId: 1, at: 1 } },
  ]),
  // What waits for a decision is listed by its age; a person's are found by their identities.
  identityLinks: storedSchema({ keys: [String], breach: OPEN, causeEventId: TEXT, connectionId: TEXT, at: NUMBER, occurredAt: Number, state: TEXT, isByPriority: Boolean, decidedAt: NULLABLE_NUMBER }, [
    { fields: { workspaceId: 1, state: 1, at: 1, _id: 1 } }, { fields: { workspaceId: 1, keys: 1 } },
  ]),
  // What waits is listed by how likely it is; a person's are found by their profile; what a run did not find again is outdated.
  matchSuggestions: storedSchema({ profileIds: [String], probability: NUMBER, rival: TEXT, weights: OPEN, state: TEXT, at: NUMBER, seenAt: NUMBER, decidedAt: NULLABLE_NUMBER, wasUndone: Boolean }, [
    { fields: { workspaceId: 1, state: 1, probability: -1, _id: 1 } }, { fields: { workspaceId: 1, profileIds: 1 } },
  ]),
  // The index of a run of the matcher, while it goes on: read by its ids, removed by person.
  matchKeys: storedSchema({ profileId: TEXT }, [{ fields: { workspaceId: 1, profileId: 1 } }]),
  matchBlocks: storedSchema({ size: NUMBER }),
  matchRuns: storedSchema({ by: String, runId: String, step: String, cursor: String, startedAt: NUMBER, dueAt: NUMBER, tally: OPEN, model: OPTIONAL, fit: OPTIONAL, counts: OPEN, last: OPTIONAL, holder: String, until: NUMBER, fence: NUMBER }),
  // What keys the digests of a person's payloads: apart, so that it can be destroyed by itself.
  salts: storedSchema({ salt: TEXT }),
  profiles: storedSchema(
    {
      profileId: TEXT, subjectKey: TEXT, version: NUMBER, seq: NUMBER, seqAt: Number, identities: [{ namespace: String, value: String, _id: false }],
      verifiedKeys: [String], provenAt: OPTIONAL, goneIds: OPTIONAL, mergedIds: OPTIONAL, parted: OPTIONAL, links: OPTIONAL, disowned: { type: [String], default: undefined }, sharedKeys: { type: [String], default: undefined }, mergedFrom: [String],
      fields: OPEN, candidates: OPTIONAL, activity: OPEN, memberships: OPEN, lists: OPTIONAL, evaluated: OPTIONAL, hasWaitingRuns: Boolean, mustRefold: Boolean, firstSeenAt: NUMBER, lastSeenAt: NUMBER, createdAt: NUMBER, dueAt: NULLABLE_NUMBER,
    },
    // Only those that wait for something: an update of any other profile touches no secondary index.
    [
      { fields: { dueAt: 1, workspaceId: 1, profileId: 1 }, partial: { dueAt: { $gt: 0 } } },
      { fields: { workspaceId: 1, 'lists.segmentId': 1, profileId: 1 }, partial: { 'lists.segmentId': { $exists: true } } },
      { fields: { workspaceId: 1, disowned: 1 }, partial: { disowned: { $exists: true } } },
      // A store's tablet may have any number of people: the first of them is found without looking at the others.
      { fields: { workspaceId: 1, sharedKeys: 1, createdAt: 1, profileId: 1 }, partial: { sharedKeys: { $exists: true } } },
    ],
  ),
};
