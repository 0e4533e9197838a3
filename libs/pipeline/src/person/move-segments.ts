import { changeMembership, dataSubjectOf, decideConsent, membershipChangeId, OWN_USE, type ConditionSubject } from '@firsthand/domain';
import type { TransactionCause } from '../changes/causes-of.js';
import { membershipCauses } from '../changes/membership-causes.js';
import type { SegmentDefinition, WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow } from '../ports/rows.js';
import { endsNextAt, forgetPast } from '../retention/forget-person.js';
import { nextVersion, type PersonWork } from './person-work.js';
import { segmentIndexOf } from './segment-index.js';

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
  const subject = dataSubjectOf(person.profile);
  return {
    profile: person.profile,
    isConsented: (purpose, now) => {
      const answer = decideConsent({
        state: person.consents, subject, purpose: configuration.purposes.get(purpose), target: OWN_USE, agreements: configuration.agreements, now,
      });
      return { isGranted: answer.isAllowed, expiresAt: answer.validUntil };
    },
  };
}

/** Whether a person is in a segment, as far as it was evaluated. */
export function isIn({ profile: { memberships } }: Pick<PersonWork, 'profile'>, segmentId: string): boolean {
  return Object.hasOwn(memberships, segmentId) && memberships[segmentId]?.isMember === true;
}

/**
 * Evaluates the live segments that can have changed for one person: sets memberships and the next time-driven change. Who was evaluated last
 * by another configuration, is new, or was merged is evaluated for all. A person without consent for a segment's purpose is not in it.
 * Segments come in an order in which each follows those it reads.
 *
 * @param told from where the changes come, for those who follow them
 */
export function moveSegments(person: PersonWork, configuration: WorkspaceConfiguration, now: number, told: TransactionCause = { consentRecords: [] }): MembershipChange[] {
  forgetPast(person, configuration, now);
  const subject = subjectOf(person, configuration);
  const changes: MembershipChange[] = [];
  const index = segmentIndexOf(configuration);
  const last = person.profile.evaluated;
  const dues = last?.by === index.stamp ? { ...last.dues } : {};
  const touched = last?.by === index.stamp ? index.touchedBy(person, dues, now) : undefined;
  for (const [place, segment] of configuration.segments.entries()) {
    if (touched !== undefined && touched[place] === 0) continue;
    const { isMember, dueAt } = evaluateSegment(segment, subject, now);
    if (dueAt === null) delete dues[segment.segmentId];
    else dues[segment.segmentId] = dueAt;
    const current = Object.hasOwn(person.profile.memberships, segment.segmentId) ? person.profile.memberships[segment.segmentId] : undefined;
    const membership = changeMembership(current, isMember, segment.version, now);
    if (membership === null) continue;
    person.profile.memberships[segment.segmentId] = membership;
    const from = configuration.changes === undefined ? {} : { from: membershipCauses(person, segment, { place, index, last, now, told }) };
    person.membershipChanges.push({ segmentId: segment.segmentId, isMember, ...from });
    person.isTouched = true;
    if (touched !== undefined) index.markReaders(segment.segmentId, touched);
    changes.push(toChange(person, segment, isMember, membership.n, now));
  }
  person.profile.evaluated = { by: index.stamp, dues };
  person.dueAt = earliest(dues, endsNextAt(person, configuration));
  if (changes.length > 0) person.profile.version = nextVersion(person);
  return changes;
}

function earliest(dues: Readonly<Record<string, number>>, endsAt: number): number | null {
  let dueAt = endsAt;
  for (const segmentId in dues) dueAt = Math.min(dueAt, dues[segmentId] as number);
  return dueAt === Infinity ? null : dueAt;
}

/** Whether somebody is in a segment, and when that may change by time alone. */
function evaluateSegment(segment: SegmentDefinition, subject: ConditionSubject, now: number): { isMember: boolean; dueAt: number | null } {
  const answer = segment.condition.evaluate(subject, now);
  if (!answer.isMember) return { isMember: false, dueAt: answer.nextChangeAt };
  const { isGranted, expiresAt } = subject.isConsented(segment.purpose, now);
  const dueAt = Math.min(answer.nextChangeAt ?? Infinity, expiresAt ?? Infinity);
  return { isMember: isGranted, dueAt: dueAt === Infinity ? null : dueAt };
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
