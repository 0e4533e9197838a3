import { fieldOf, FLOW_ORIGIN, FLOW_SOURCE, type Profile } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { SegmentIndex } from '../person/segment-index.js';
import type { SegmentDefinition } from '../ports/configuration.js';
import { closest, consentCause, decidedOf, distinct, type TransactionCause } from './causes-of.js';
import { causeOf, flowCause, type ChangeCause } from './change-cause.js';

/** How a segment came to be evaluated for a person. */
export interface Evaluated {
  /** Its place among the segments. */
  place: number;
  index: SegmentIndex;
  /** What the evaluation before has left. */
  last: Profile['evaluated'];
  now: number;
  told: TransactionCause;
}

const NOTHING = { changedFields: new Set<string>(), countedKeys: new Set<string>(), changedPurposes: new Set<string>(), changedLists: new Set<string>(), areIdentitiesChanged: false };

/**
 * What has moved a person into a segment or out of it: that which changed what its condition reads. Where nothing did, it is time that has passed, or a segment or purpose that was changed; where a flow has, in a
 * transaction of before, the flow.
 */
export function membershipCauses(person: PersonWork, segment: SegmentDefinition, { place, index, last, now, told }: Evaluated): ChangeCause[] {
  const reads = (part: Partial<typeof NOTHING>): boolean => index.touchedBy({ ...NOTHING, ...part }, {}, now)[place] === 1;
  const { condition } = segment;
  const causes = [
    ...person.causes.filter(({ fields, counters, identities = [] }) => reads({ changedFields: new Set(fields), countedKeys: new Set(counters), areIdentitiesChanged: identities.length > 0 })).map(({ cause }) => cause),
    ...decidedOf(person, told, (purpose) => reads({ changedPurposes: new Set([purpose]) })).flatMap((record) => consentCause(record) ?? []),
    ...(told.cause !== undefined && reads({ changedLists: person.changedLists }) ? [told.cause] : []),
    ...person.membershipChanges.filter(({ segmentId }) => condition.segments.includes(segmentId)).flatMap(({ from = [] }) => from),
  ];
  if (causes.length > 0) return distinct(causes);
  if (person.joins.length > 0 || told.cause !== undefined) return closest([], person, told);
  if ((last?.dues[segment.segmentId] ?? Infinity) <= now) return [causeOf('time')];
  if (last !== undefined) return last.by === index.stamp ? closest([], person, told) : [causeOf('rule')];
  const flows = flowsBehind(person.profile, segment);
  return flows.length > 0 ? distinct(flows) : closest([], person, told);
}

/** What a flow sets is read by the next sweep. A list notes which flow that was, a field does not. */
function flowsBehind(profile: Profile, { condition: { traits, lists } }: SegmentDefinition): ChangeCause[] {
  const listed = (profile.lists ?? []).filter(({ segmentId, origin }) => lists.includes(segmentId) && origin.startsWith(FLOW_ORIGIN));
  return [...(traits.some((field) => fieldOf(profile, field)?.source === FLOW_SOURCE) ? [flowCause(null)] : []), ...listed.map(({ origin }) => flowCause(origin.slice(FLOW_ORIGIN.length)))];
}
