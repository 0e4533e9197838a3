import { stepOf, type CanonicalRecord, type CompiledExpectation, type CompiledExpectations, type Observation } from '@firsthand/domain';
import { isUnusable, type ApplyItem, type Candidate } from '../apply/apply-context.js';
import type { InboxRecord } from '../ports/rows.js';
import type { KnownDigests, QualityCount, QualityCountRow } from './quality-rows.js';

/** What a batch came to. */
export interface AppliedBatch {
  items: readonly ApplyItem[];
  /** Those that cannot be used, without those of people who were erased. */
  bad: readonly ApplyItem[];
  /** Those that came for the first time, as they came. */
  unique: readonly Candidate[];
  /** Those that are kept, as they are kept. */
  kept: readonly Candidate[];
}

export interface CountContext {
  workspaceId: string;
  expectations: CompiledExpectations;
  now: number;
  /** Keyed: without the key nobody can test a value against it. */
  digest(text: string): string;
}

/** 96 bits: enough to tell millions of values apart. */
const DIGEST_LENGTH = 16;
const NO_TYPES = {};

/**
 * Counts a batch for the expectations that speak of it. On a source as a whole all counts that arrived and was no duplicate, refused and quarantined records too, once each: what is released from
 * quarantine was counted when it came. On an event or a field what is kept counts, judged as it came: what no purpose covers is no fault of the data. Values that are remembered are those that are
 * kept. Null where no expectation speaks of any of it.
 *
 * @example const row = countQuality(batch, { workspaceId, expectations, now, digest }); if (row !== null) await tx.insertQualityCounts(row);
 */
export function countQuality({ items, bad, unique, kept }: AppliedBatch, context: CountContext): QualityCountRow | null {
  const tally = new QualityTally(context);
  const badItems = new Set(bad);
  const asCame = new Map(unique.map((candidate) => [candidate.eventId, candidate]));
  const firsts = new Set(unique.map(({ item }) => item.id));
  for (const item of items) {
    const isDuplicate = item.record.record !== null && !firsts.has(item.id) && !isUnusable(item);
    if (item.quarantined === undefined && !isDuplicate) tally.arrived(item.record, badItems.has(item));
  }
  for (const candidate of kept) {
    const came = asCame.get(candidate.eventId);
    if (came !== undefined && candidate.isRefused !== true) tally.kept(came.item.record, came.record, candidate.record);
  }
  return tally.row();
}

/** Adds up what single records say. */
class QualityTally {
  private readonly counts = new Map<string, QualityCount>();
  private readonly known = new Map<string, { digests: Set<string>; until: number }>();

  constructor(private readonly context: CountContext) {}

  arrived(inbox: InboxRecord, isBad: boolean): void {
    for (const expectation of this.context.expectations.of(inbox.connectionId)) {
      if (!expectation.countsArrivals || !speaksOf(expectation, inbox.record?.name)) continue;
      this.add(expectation, inbox, { isFailed: isBad && expectation.definition.rule.kind === 'validity' });
    }
  }

  kept(inbox: InboxRecord, came: CanonicalRecord, left: CanonicalRecord): void {
    const { expectations, now } = this.context;
    for (const expectation of expectations.of(inbox.connectionId)) {
      if (expectation.countsArrivals || !speaksOf(expectation, came.name)) continue;
      const observed = expectation.observe(expectation.asks === null ? came : left, inbox.types ?? NO_TYPES);
      if (observed !== null) this.add(expectation, inbox, observed);
    }
    for (const { set, keptMs, valuesOf } of expectations.references.get(left.name) ?? []) {
      const known = this.known.get(set) ?? { digests: new Set(), until: now + keptMs };
      this.known.set(set, known);
      for (const value of valuesOf(left)) known.digests.add(this.digest(set, value));
    }
  }

  row(): QualityCountRow | null {
    const known = [...this.known].flatMap(([set, { digests, until }]): KnownDigests[] => (digests.size === 0 ? [] : [{ set, digests: [...digests], until }]));
    if (this.counts.size === 0 && known.length === 0) return null;
    return { workspaceId: this.context.workspaceId, at: this.context.now, counts: [...this.counts.values()], known };
  }

  private add({ expectationId, stamp, asks }: CompiledExpectation, { connectionId, receivedAt }: InboxRecord, observed: Observation): void {
    const at = stepOf(receivedAt);
    const key = `${stamp}|${connectionId}|${at}`;
    let count = this.counts.get(key);
    if (count === undefined) this.counts.set(key, (count = { expectationId, stamp, connectionId, at, checked: 0, failed: 0, lastAt: receivedAt, ...(asks === null ? {} : { asks, asked: [] }) }));
    count.checked += 1;
    count.lastAt = Math.max(count.lastAt, receivedAt);
    if ('isFailed' in observed) count.failed += observed.isFailed ? 1 : 0;
    else if ('type' in observed) count.types = { ...count.types, [observed.type]: (count.types?.[observed.type] ?? 0) + 1 };
    // Values of one source are told apart from those of another; what is referred to is known to all.
    else count.asked?.push(this.digest(asks?.kind === 'known' ? asks.set : `${stamp}|${connectionId}`, observed.value));
  }

  private digest(set: string, value: string): string {
    return this.context.digest(`quality|${set}|${value}`).slice(0, DIGEST_LENGTH);
  }
}

/** Of what could not be read nobody knows the name. */
function speaksOf({ definition: { scope } }: CompiledExpectation, name: string | undefined): boolean {
  return scope.event === null || scope.event === name;
}
