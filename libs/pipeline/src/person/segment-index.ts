import { hash } from 'node:crypto';
import { EVERY_PURPOSE, type Purpose } from '@firsthand/domain';
import type { SegmentDefinition, WorkspaceConfiguration } from '../ports/configuration.js';
import type { PersonWork } from './person-work.js';

/** Which live segments can change by what, made once per configuration. Segments are named by their place in its list. */
export interface SegmentIndex {
  /** Names all that an evaluation rests on besides the person: segments, purposes and agreements. */
  stamp: string;
  /** The segments that may answer otherwise than when this person was evaluated last: by what this transaction changed, or by time. One byte each. */
  touchedBy(person: Pick<PersonWork, 'changedFields' | 'countedKeys' | 'changedPurposes' | 'changedLists' | 'areIdentitiesChanged'>, dues: Readonly<Record<string, number>>, now: number): Uint8Array;
  /** Marks those that read the membership of a segment. They come after it. */
  markReaders(segmentId: string, touched: Uint8Array): void;
}

type Places = ReadonlyMap<string, readonly number[]>;

const INDEXES = new WeakMap<WorkspaceConfiguration, SegmentIndex>();

/** The index of a configuration, which is immutable. */
export function segmentIndexOf(configuration: WorkspaceConfiguration): SegmentIndex {
  const known = INDEXES.get(configuration);
  if (known !== undefined) return known;
  const index = createIndex(configuration);
  INDEXES.set(configuration, index);
  return index;
}

function createIndex(configuration: WorkspaceConfiguration): SegmentIndex {
  const { segments } = configuration;
  const byField = placesBy(segments, ({ condition, purpose }) => [...condition.traits, ...[...condition.consents, purpose].flatMap((key) => fieldsOfLaw(configuration.purposes.get(key)))]);
  const byCounter = placesBy(segments, ({ condition }) => condition.activityKeys.map(({ key }) => key));
  const byList = placesBy(segments, ({ condition }) => condition.lists);
  const bySegment = placesBy(segments, ({ condition }) => condition.segments);
  const byPurpose = placesBy(segments, ({ condition, purpose }) => [...condition.consents, purpose]);
  const byId = new Map(segments.map(({ segmentId }, place) => [segmentId, place]));
  const readingIdentities = segments.flatMap(({ condition }, place) => (condition.namespaces.length > 0 ? [place] : []));
  const mark = (touched: Uint8Array, places: readonly number[] | undefined): void => {
    if (places !== undefined) for (const place of places) touched[place] = 1;
  };
  return {
    stamp: stampOf(configuration),
    touchedBy(person, dues, now) {
      const touched = new Uint8Array(segments.length);
      for (const field of person.changedFields) mark(touched, byField.get(field));
      for (const key of person.countedKeys) mark(touched, byCounter.get(key));
      if (person.changedPurposes.has(EVERY_PURPOSE)) return touched.fill(1);
      for (const purpose of person.changedPurposes) mark(touched, byPurpose.get(purpose));
      for (const listId of person.changedLists) mark(touched, byList.get(listId));
      if (person.areIdentitiesChanged) mark(touched, readingIdentities);
      for (const segmentId in dues) {
        const place = (dues[segmentId] as number) <= now ? byId.get(segmentId) : undefined;
        if (place !== undefined) touched[place] = 1;
      }
      return touched;
    },
    markReaders: (segmentId, touched) => mark(touched, bySegment.get(segmentId)),
  };
}

/** The profile fields by which the law, and so the answer of consent, may differ. */
function fieldsOfLaw(purpose: Purpose | undefined): string[] {
  if (purpose === undefined) return [];
  return [...(Object.keys(purpose.lawfulBasisIn).length > 0 ? ['country'] : []), ...(purpose.separateConsent.includes('minor') ? ['birthday', 'age'] : [])];
}

function placesBy(segments: readonly SegmentDefinition[], keysOf: (segment: SegmentDefinition) => readonly string[]): Places {
  const places = new Map<string, number[]>();
  for (const [place, segment] of segments.entries()) {
    for (const key of keysOf(segment)) {
      const list = places.get(key);
      if (list === undefined) places.set(key, [place]);
      else list.push(place);
    }
  }
  return places;
}

function stampOf({ segments, purposes, agreements }: WorkspaceConfiguration): string {
  const parts = [
    segments.map(({ segmentId, version, purpose, condition }) => [segmentId, version, purpose, condition.tree]),
    [...purposes.values()].map(({ key, lawfulBasis, lawfulBasisIn, separateConsent, expiresAfterDays }) => [key, lawfulBasis, lawfulBasisIn, separateConsent, expiresAfterDays]),
    [...agreements].map(([id, versions]) => [id, versions.map(({ version, isMaterial, purposes: keys }) => [version, isMaterial, keys])]),
  ];
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 16);
}
