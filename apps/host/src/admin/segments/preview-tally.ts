import { compileCondition, maskIdentity, type Condition, type JsonValue } from '@firsthand/domain';
import { subjectOf, type SegmentDefinition, type WorkspaceConfiguration } from '@firsthand/pipeline';
import type { Groups } from '../insight/groups.js';
import { questionOf } from '../insight/question-of.js';
import type { PreviewPerson } from './preview-people.js';
import type { MaskedPerson, SegmentCount, WaterfallStep } from './preview-bodies.js';

const SAMPLE = 10;

/** What a preview is of. */
export interface PreviewQuestion {
  condition: Condition;
  purpose: string;
  /** The segment whose members now are compared with. */
  segmentId: string | null;
  now: number;
}

/** Counts what a condition keeps of the people that it is shown, one by one. */
export class PreviewTally {
  private readonly steps: { path: string; part: Condition; evaluate: ReturnType<typeof compileCondition>['evaluate']; remaining: number }[];
  private readonly overlaps: { segment: SegmentDefinition; members: number; both: number }[];
  private readonly sample: MaskedPerson[] = [];
  private readonly entering: MaskedPerson[] = [];
  private readonly leaving: MaskedPerson[] = [];
  private counts = { evaluated: 0, matching: 0, members: 0, entering: 0, leaving: 0 };

  constructor(private readonly question: PreviewQuestion, private readonly configuration: WorkspaceConfiguration) {
    const { condition, segmentId } = question;
    const parts: [string, Condition][] = 'all' in condition && condition.all.length > 0 ? condition.all.map((part, index) => [`/all/${index}`, part]) : [['', condition]];
    this.steps = parts.map(([path, part]) => ({ path, part, evaluate: compileCondition(part).evaluate, remaining: 0 }));
    this.overlaps = configuration.segments.filter((segment) => segment.segmentId !== segmentId).map((segment) => ({ segment, members: 0, both: 0 }));
  }

  get evaluated(): number {
    return this.counts.evaluated;
  }

  add(person: PreviewPerson): void {
    const { question: { now, purpose, segmentId }, counts } = this;
    const subject = subjectOf(person, this.configuration);
    counts.evaluated += 1;
    let isMatching = true;
    for (const step of this.steps) {
      isMatching = step.evaluate(subject, now).isMember;
      if (!isMatching) break;
      step.remaining += 1;
    }
    if (isMatching) counts.matching += 1;
    const isMember = isMatching && subject.isConsented(purpose, now).isGranted;
    if (isMember) this.note('members', this.sample, person);
    for (const overlap of this.overlaps) {
      if (!isIn(person, overlap.segment.segmentId)) continue;
      overlap.members += 1;
      if (isMember) overlap.both += 1;
    }
    const wasMember = segmentId !== null && isIn(person, segmentId);
    if (isMember && !wasMember) this.note('entering', this.entering, person);
    if (!isMember && wasMember) this.note('leaving', this.leaving, person);
  }

  /** Puts what is told of it in the place of each count, 0 for a group too small to be told of: no step keeps more than the one above. Overlaps are told to nobody who has to be told in groups. */
  async tell(groups: Groups, isSample: boolean): Promise<void> {
    const { steps, counts, question: { condition, purpose, segmentId } } = this;
    const change = segmentId === null ? [] : (['entering', 'leaving'] as const).map((way) => ({ question: [way, questionOf(condition), purpose, segmentId, isSample], count: counts[way] }));
    const numbers = await groups.shaped([
      ...steps.map(({ remaining }, index) => ({ question: matchingQuestion({ all: steps.slice(0, index + 1).map(({ part }) => part) }, isSample), count: remaining })),
      { question: membersQuestion(condition, purpose, isSample), count: counts.members }, ...change,
      // What is told of a sample stands all day, so what it is raised by does.
      ...(isSample ? [{ question: ['evaluated', questionOf(condition)], count: counts.evaluated }] : []),
    ]);
    const told = numbers.map(groups.told);
    let most = Infinity;
    for (const [index, step] of steps.entries()) most = step.remaining = Math.min(most, told[index] as number);
    const [members = 0, entering = 0, leaving = 0] = [told[steps.length], ...(segmentId === null ? [] : told.slice(steps.length + 1))];
    const evaluated = isSample ? Math.max(1, numbers.at(-1) as number) : counts.evaluated;
    this.counts = { evaluated, matching: most, members: Math.min(most, members), entering, leaving };
    this.overlaps.length = this.sample.length = this.entering.length = this.leaving.length = 0;
  }

  /** The counts, raised to a population where a sample was shown. `margin`: 95 of 100 samples come as close; that of the population adds to the others. */
  result(population: number, populationMargin: number, isSample: boolean): Omit<SegmentCount, 'isComplete' | 'isExact' | 'notes'> {
    const { evaluated, matching, members, entering, leaving } = this.counts;
    const raise = (count: number): number => (isSample && evaluated > 0 ? Math.round((count / evaluated) * population) : count);
    const marginOf = (count: number): number => (isSample ? Math.ceil(Math.hypot(margin(count, evaluated, population), evaluated === 0 ? 0 : (count / evaluated) * populationMargin)) : 0);
    return {
      population, evaluated, matching: raise(matching), members: raise(members), margin: { population: populationMargin, matching: marginOf(matching), members: marginOf(members) },
      waterfall: [...this.steps.map(({ path, remaining }): WaterfallStep => ({ path, remaining: raise(remaining) })), { path: '/purpose', remaining: raise(members) }],
      overlap: this.overlaps.filter(({ both }) => both > 0).map(({ segment: { segmentId, name }, members: theirs, both }) => (
        { segmentId, name, both: raise(both), shareOfThis: share(both, members), shareOfThat: share(both, theirs) })).sort((a, b) => b.both - a.both),
      change: this.question.segmentId === null ? null : { entering: raise(entering), leaving: raise(leaving), enteringSample: this.entering, leavingSample: this.leaving },
      sample: this.sample,
    };
  }

  private note(count: 'members' | 'entering' | 'leaving', sample: MaskedPerson[], person: PreviewPerson): void {
    this.counts[count] += 1;
    if (sample.length < SAMPLE) sample.push(maskPerson(person));
  }
}

/** What a preview asks: for whom a condition holds. */
export function matchingQuestion(condition: Condition, isSample: boolean): JsonValue {
  return ['matching', questionOf(condition), isSample];
}

/** Who of them may be used for the purpose. */
export function membersQuestion(condition: Condition, purpose: string, isSample: boolean): JsonValue {
  return ['members', questionOf(condition), purpose, isSample];
}

function isIn({ profile: { memberships } }: PreviewPerson, segmentId: string): boolean {
  return Object.hasOwn(memberships, segmentId) && memberships[segmentId]?.isMember === true;
}

function maskPerson({ profile: { profileId, identities } }: PreviewPerson): MaskedPerson {
  return { profileId, identities: identities.map((identity) => ({ namespace: identity.namespace, value: maskIdentity(identity) })) };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 1_000;
}

/** Half the width of the 95 % interval (Wilson's, which keeps a width where nobody or everybody was found), for a sample without repeats. */
function margin(count: number, sampled: number, population: number): number {
  if (sampled === 0) return population;
  const z = 1.96;
  const p = count / sampled;
  const half = (z / (1 + z ** 2 / sampled)) * Math.sqrt((p * (1 - p)) / sampled + z ** 2 / (4 * sampled ** 2));
  return Math.ceil(half * population * Math.sqrt(Math.max(0, population - sampled) / Math.max(1, population - 1)));
}
