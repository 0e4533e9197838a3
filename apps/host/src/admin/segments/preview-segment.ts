import { compileCondition, compileTracked, type Condition, type JsonValue } from '@firsthand/domain';
import { countMatching } from '@firsthand/persistence';
import { subjectOf } from '@firsthand/pipeline';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { refuseHiddenTraits } from '../http/refuse-hidden.js';
import type { SegmentCount, SegmentPreviewBody } from './preview-bodies.js';
import { toldPopulation, type Groups } from '../insight/groups.js';
import { IdDensity } from './id-density.js';
import { sumOverSlices } from './id-slices.js';
import { countPeople, everybody, keptCounters, somebody, type Recounting } from './preview-people.js';
import { matchingQuestion, membersQuestion, PreviewTally } from './preview-tally.js';
import { checkSegment } from './segments.js';
import { leavesOf, withoutSmallParts } from './small-parts.js';

/** So many people are looked at one by one; of more a sample is taken. */
const MOST_PEOPLE = 20_000;
const SAMPLE_SIZE = 4_000;
/** Of people's stored events, where nobody has kept a counter yet. */
const MOST_EVENTS = 200_000;
/** An exact count is worth this much of the store's time. */
const MAX_TIME_MS = 60_000;

/**
 * Counts whom a segment would have now, and stores nothing. A small workspace is gone through; of a large one a sample is, from which
 * its population is reckoned too, so that the estimate takes no longer for more people; then both are counted by a query. A counter that nobody keeps yet is counted from the stored events, and then there is the sample only.
 *
 * @param groups of whoever learns of groups alone: the condition is without its small parts, and every number is one that is told, 0 for fewer than the least; null for whoever reads profiles
 * @throws FirsthandError `INVALID_SEGMENT`, `RATE_LIMITED` when too many numbers of groups have been told
 */
export async function previewSegment(admin: AdminContext, { workspaceId, ability }: Caller, asked: SegmentPreviewBody, groups: Groups | null): Promise<SegmentCount> {
  await checkSegment(admin, workspaceId, asked);
  refuseHiddenTraits(ability, asked.condition);
  const body = groups === null ? asked : { ...asked, condition: await inGroups(admin, workspaceId, asked.condition, groups) };
  const { condition, purpose, segmentId = null, estimateOnly = false } = body;
  const now = admin.clock();
  const recounting = await recountingOf(admin, workspaceId, condition);
  const tally = new PreviewTally({ condition, purpose, segmentId, now }, admin.configuration.workspace(workspaceId));
  const isSmall = await countPeople(admin, workspaceId, MOST_PEOPLE + 1) <= MOST_PEOPLE;
  const density = new IdDensity();
  const people = isSmall ? everybody(admin, workspaceId, recounting) : somebody(admin, workspaceId, SAMPLE_SIZE, recounting, density);
  for await (const batch of people) if (recounting.eventsLeft >= 0) for (const person of batch) tally.add(person);
  const ended = recounting.eventsLeft < 0;
  const isSample = !isSmall || ended;
  const notes = ended ? [`It stopped after ${MOST_EVENTS} stored events of these people: the counters of this condition are not kept yet.`] : [];
  const populationOf = async (count: number, isEstimate = false): Promise<number> => (groups === null ? count : toldPopulation(groups, count, isEstimate));
  const size = isSample ? density.size() ?? { population: await countPeople(admin, workspaceId), margin: 0 } : { population: tally.evaluated, margin: 0 };
  if (groups !== null) await tally.tell(groups, isSample);
  const population = await populationOf(size.population, isSample);
  const estimate = { ...tally.result(population, size.margin, isSample), ...(isSample ? {} : { evaluated: population }), isExact: !isSample, isComplete: !ended, notes };
  if (isSmall || estimateOnly || recounting.tracked.size > 0) return estimate;
  const [counted, everyone] = await Promise.all([countExactly(admin, workspaceId, body, now), countPeople(admin, workspaceId).then((count) => populationOf(count))]);
  if (counted === null) return { ...estimate, isComplete: false, notes: ['Counting everybody took too long: this is an estimate.'] };
  const exact = groups === null ? counted : await tellExact(groups, body, counted);
  return { ...estimate, ...exact, population: everyone, margin: { population: 0, matching: 0, members: 0 }, isExact: true };
}

/** Previews the draft of a segment, and who would enter and leave if it were published; for whom: see {@link previewSegment}. @throws FirsthandError `NOT_FOUND`, `INVALID_SEGMENT`, `RATE_LIMITED` */
export async function previewDraft(admin: AdminContext, caller: Caller, id: string, { estimateOnly = false, groups }: { estimateOnly?: boolean; groups: Groups | null }): Promise<SegmentCount> {
  const { content: { condition, purpose } } = await admin.repository.get<SegmentDocument>('segments', caller.workspaceId, id);
  return previewSegment(admin, caller, { condition, purpose, segmentId: id, estimateOnly }, groups);
}

async function tellExact(groups: Groups, { condition, purpose }: SegmentPreviewBody, { matching, members }: { matching: number; members: number }): Promise<{ matching: number; members: number }> {
  const numbers = await groups.shaped([{ question: matchingQuestion(condition, false), count: matching }, { question: membersQuestion(condition, purpose, false), count: members }]);
  const [most = 0, some = 0] = numbers.map(groups.told);
  return { matching: most, members: Math.min(most, some) };
}

async function recountingOf(admin: AdminContext, workspaceId: string, condition: Condition): Promise<Recounting> {
  const kept = await keptCounters(admin, workspaceId);
  return { tracked: compileTracked(compileCondition(condition).activityKeys.filter(({ key }) => !kept.has(key))), eventsLeft: MOST_EVENTS };
}

/** The condition without its small parts, by those who would be counted; of a large workspace by a sample of them, in which a few are none. */
async function inGroups(admin: AdminContext, workspaceId: string, condition: Condition, groups: Groups): Promise<Condition> {
  const tests = leavesOf(condition).map((leaf) => compileCondition(leaf));
  const rules = admin.configuration.workspace(workspaceId);
  const [now, recounting, population] = [admin.clock(), await recountingOf(admin, workspaceId, condition), await countPeople(admin, workspaceId)];
  const answers = new Map<string, number>();
  let seen = 0;
  for await (const batch of population <= MOST_PEOPLE ? everybody(admin, workspaceId, recounting) : somebody(admin, workspaceId, SAMPLE_SIZE, recounting, new IdDensity())) {
    for (const person of batch) {
      const subject = subjectOf(person, rules);
      const answer = tests.map((test) => (test.evaluate(subject, now).isMember ? '1' : '0')).join('');
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    seen += batch.length;
  }
  const raise = population <= MOST_PEOPLE || seen === 0 ? 1 : population / seen;
  return withoutSmallParts(condition, answers, (parts) => groups.shaped(parts.map(({ index, fixed, holds, fails, counts }) => (
    // In the order of the leaves as they were written: the places of the tests are part of the question.
    { question: ['part', condition as JsonValue, [...fixed], index, counts], count: Math.round(raise * (counts === 'holds' ? holds : Math.min(holds, fails))) }))), groups.least);
}

/** Null when it takes too long. */
async function countExactly({ collections, configuration }: AdminContext, workspaceId: string, { condition, purpose }: SegmentPreviewBody, now: number): Promise<{ matching: number; members: number } | null> {
  const rules = configuration.workspace(workspaceId);
  return sumOverSlices(async (slice, maxTimeMS) => {
    const pipeline = countMatching({ workspaceId, condition, purpose, rules, now, ...slice });
    const [row] = await collections.profiles.aggregate<{ matching: number; members: number }>(pipeline, { maxTimeMS }).toArray();
    return { matching: row?.matching ?? 0, members: row?.members ?? 0 };
  }, MAX_TIME_MS);
}
