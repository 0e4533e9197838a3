import { activityKeyOf, compileNumberTest, DAY_MS, isMovingMoment, momentOffset, parseIsoDate, scaleAmount, sequenceKeysOf, spanMs, utcDay, type EventCondition, type NumberTest, type SequenceCondition, type Span, type TimeTest } from '@firsthand/domain';
import { allOf, numberFilter, type Expression, type Filter } from './filter.js';

/** Compiles a condition on what a person did; see `compileActivity`. */
export function activityFilter(condition: EventCondition, now: number): Filter {
  const path = `activity.${activityKeyOf(condition).key}`;
  const { within, count, sum, first, last } = condition;
  if (count !== undefined) return amountFilter(path, count, within, 'total', 'days', now);
  if (sum !== undefined) return amountFilter(path, { op: sum.op, value: scaleAmount(sum.value) }, within, 'sum', 'sums', now);
  if (first !== undefined) return timeFilter(`${path}.first`, first, now);
  if (last !== undefined) return timeFilter(`${path}.last`, last, now);
  return { [`${path}.last`]: within === undefined ? { $type: 'number' } : { $gt: now - spanMs(within) } };
}

function timeFilter(path: string, { op, value }: TimeTest, now: number): Filter {
  const limit = isMovingMoment(value) ? now + momentOffset(value) : parseIsoDate(value);
  return { [path]: { [op === 'before' ? '$lt' : '$gt']: limit } };
}

function amountFilter(path: string, test: NumberTest, within: Span | undefined, all: 'total' | 'sum', byDay: 'days' | 'sums', now: number): Filter {
  const isZeroFit = compileNumberTest(test)(0);
  if (within === undefined || !('days' in within)) return numberFilter(`${path}.${all}`, test, isZeroFit);
  const from = utcDay(now - (within.days - 1) * DAY_MS);
  const days = { $filter: { input: { $objectToArray: { $ifNull: [`$${path}.${byDay}`, { $literal: {} }] } }, as: 'day', cond: { $gte: ['$$day.k', from] } } };
  const holds = { $expr: { [`$${test.op}`]: [{ $sum: { $map: { input: days, as: 'day', in: '$$day.v' } } }, test.value] } };
  // Who has done nothing in these days is told by a look, without adding up.
  return isZeroFit ? holds : allOf([{ [`${path}.last`]: { $gte: Date.parse(from) } }, holds]);
}

/** Compiles a sequence of events; see `compileSequence`. */
export function sequenceFilter(condition: SequenceCondition, now: number): Filter {
  const paths = sequenceKeysOf(condition).map(({ key }) => `activity.${key}`);
  // From the end, each step as late as it can be: null once there is none, and nothing is below null.
  const first = paths.reduceRight<Expression>((limit, path) => latestBefore(path, limit), { $literal: Infinity });
  const from = condition.within === undefined ? -Infinity : now - spanMs(condition.within);
  const isThere = [...new Set(paths)].map((path) => ({ [`${path}.last`]: { $type: 'number' } }));
  return allOf([...isThere, { $expr: { $let: { vars: { first }, in: { $and: [{ $ne: ['$$first', null] }, { $gt: ['$$first', from] }] } } } }]);
}

function latestBefore(path: string, limit: Expression): Expression {
  const times = { $concatArrays: [{ $ifNull: [`$${path}.times`, []] }, [`$${path}.first`]] };
  return { $let: { vars: { limit }, in: { $max: { $filter: { input: times, as: 'time', cond: { $lt: ['$$time', '$$limit'] } } } } } };
}
