import { ISO_DATE } from '@firsthand/domain';
import type { Expression } from './filter.js';

const part = (index: number): Expression => ({ $arrayElemAt: ['$$found.captures', index] });
const whole = (index: number): Expression => ({ $toInt: { $ifNull: [part(index), '0'] } });

/** Milliseconds east of UTC; what is written without an offset is UTC. */
const OFFSET_MS: Expression = {
  $let: {
    vars: { offset: { $ifNull: [part(7), 'Z'] } },
    in: {
      $cond: [{ $eq: ['$$offset', 'Z'] }, 0, {
        $multiply: [
          { $cond: [{ $eq: [{ $substrBytes: ['$$offset', 0, 1] }, '-'] }, -60_000, 60_000] },
          { $add: [{ $multiply: [60, { $toInt: { $substrBytes: ['$$offset', 1, 2] } }] }, { $toInt: { $substrBytes: ['$$offset', 4, 2] } }] },
        ],
      }],
    },
  },
};

const UTC_DATE: Expression = {
  $dateFromParts: {
    year: whole(0), month: whole(1), day: whole(2), hour: whole(3), minute: whole(4), second: whole(5),
    millisecond: { $toInt: { $substrBytes: [{ $concat: [{ $ifNull: [part(6), '0'] }, '00'] }, 0, 3] } },
  },
};

/**
 * The time that a value says, epoch ms, as `parseIsoDate` reads it: null for all that is no ISO date, also for a day that does not exist.
 *
 * @example { $expr: { $lt: [isoDateMs('$fields.birthday.value'), limit] } }
 */
export function isoDateMs(value: string): Expression {
  return {
    $let: {
      vars: { found: { $cond: [{ $eq: [{ $type: value }, 'string'] }, { $regexFind: { input: value, regex: ISO_DATE.source } }, null] } },
      in: {
        $cond: [{ $eq: ['$$found', null] }, null, {
          // A day beyond the end of its month runs over into the next.
          $let: { vars: { at: UTC_DATE }, in: { $cond: [{ $eq: [{ $dayOfMonth: '$$at' }, whole(2)] }, { $subtract: [{ $toLong: '$$at' }, OFFSET_MS] }, null] } },
        }],
      },
    },
  };
}
