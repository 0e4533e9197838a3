import { changeMembership, decideConsent, membershipChangeId, type ConditionSubject } from '@firsthand/domain';
import type { SegmentDefinition, WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow } from '../ports/rows.js';
import { nextVersion, type PersonWork } from './person-work.js';

/** The connection under which the platform's own events stand. */
export const INTERNAL_CONNECTION = 'firsthand';

/** One entering or leaving, with its event. */
export interface MembershipChange {
  person: PersonWork;
  segmentId: string;
  on: 'entered' | 'left';
  changeId: string;
  event: EventRow;
}

/** What conditions are asked about: the person and what they consented to, for the brand's own use. */
export function subjectOf(person: Pick<PersonWork, 'profile' | 'consents'>, configuration: Pick<WorkspaceConfiguration, 'purposes' | 'agreements'>): ConditionSubject {
  return {
    profile: person.profile,
    isConsented: (purpose, now) => {
      const answer = decideConsent({ state: person.consents, purpose: configuration.purposes.get(purpose), recipient: 'own', agreements: configuration.agreements, now });
      return { isGranted: answer.isAllowed, expiresAt: answer.validUntil };
    },
  };
}

/** Whether a person is in a segment, as far as it was evaluated. */
export function isIn({ profile: { memberships } }: Pick<PersonWork, 'profile'>, segmentId: string): boolean {
  return Object.hasOwn(memberships, segmentId) && memberships[segmentId]?.isMember === true;
}

/**
 * Evaluates every live segment for one person: sets memberships and the next time-driven change. A person without consent for a
 * segment's purpose is not in it. Segments come in an order in which each follows those it reads.
 */
export function moveSegments(person: PersonWork, configuration: WorkspaceConfiguration, now: number): MembershipChange[] {
  const subject = subjectOf(person, configuration);
  const changes: MembershipChange[] = [];
  person.dueAt = null;
  for (const segment of configuration.segments) {
    const isMember = isMemberNow(segment, subject, person, now);
    const current = Object.hasOwn(person.profile.memberships, segment.segmentId) ? person.profile.memberships[segment.segmentId] : undefined;
    const membership = changeMembership(current, isMember, segment.version, now);
    if (membership === null) continue;
    person.profile.memberships[segment.segmentId] = membership;
    person.membershipChanges.push({ segmentId: segment.segmentId, isMember });
    person.isTouched = true;
    changes.push(toChange(person, segment, isMember, membership.n, now));
  }
  if (changes.length > 0) person.profile.version = nextVersion(person);
  return changes;
}

function isMemberNow(segment: SegmentDefinition, subject: ConditionSubject, person: PersonWork, now: number): boolean {
  const answer = segment.condition.evaluate(subject, now);
  noteDue(person, answer.nextChangeAt);
  if (!answer.isMember) return false;
  const consent = subject.isConsented(segment.purpose, now);
  noteDue(person, consent.isGranted ? (consent.expiresAt ?? null) : null);
  return consent.isGranted;
}

function noteDue(person: PersonWork, at: number | null): void {
  if (at !== null && (person.dueAt === null || at < person.dueAt)) person.dueAt = at;
}

function toChange(person: PersonWork, segment: SegmentDefinition, isMember: boolean, n: number, now: number): MembershipChange {
  const { workspaceId, profileId, identities } = person.profile;
  const changeId = membershipChangeId({ workspaceId, segmentId: segment.segmentId, segmentVersion: segment.version, profileId, n });
  const event: EventRow = {
    eventId: `${workspaceId}|${changeId}`,
    workspaceId,
    connectionId: INTERNAL_CONNECTION,
    profileId,
    receivedAt: now,
    record: {
      type: 'track',
      name: isMember ? 'Segment Entered' : 'Segment Exited',
      messageId: changeId,
      occurredAt: now,
      identities,
      profile: {},
      properties: { segmentId: segment.segmentId, segmentVersion: segment.version },
      consents: {},
      context: {},
      flags: [],
    },
    raw: null,
    mappingVersion: 0,
  };
  return { person, segmentId: segment.segmentId, on: isMember ? 'entered' : 'left', changeId, event };
}
