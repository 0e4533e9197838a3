import fc from 'fast-check';

/** The people of a history, by the id that every system knows them by. */
export const PEOPLE = ['u0', 'u1'] as const;
export type Who = (typeof PEOPLE)[number];
/** Systems that hold copies: each says what its users change, and is told what it has to be. */
export const SYSTEMS = ['crm', 'shop'] as const;
export type System = (typeof SYSTEMS)[number];
export const FIELDS = ['phone', 'city'] as const;
export type Field = (typeof FIELDS)[number];

/** What people write into a field; null empties it. */
export const VALUES: Record<Field, readonly (string | null)[]> = {
  phone: ['+14155550101', '+14155550102', '+14155550103', null],
  city: ['Shanghai', 'Berlin', 'New York', null],
};

/** How a system answers a write: as it should; it has taken it, and nobody hears so; it is away; it refuses for good. */
export type Answer = 'fine' | 'lost' | 'away' | 'refused';

/** One thing that happens. */
export type Step =
  /** Somebody changes a value on the web site, or users of a system change their copy, which exists from then on. */
  | { kind: 'edit'; where: 'web' | System; who: Who; field: Field; value: number }
  /** One of the webhooks that a system has yet to send arrives, in any order; `again`: it will come once more. */
  | { kind: 'hear'; system: System; pick: number; again: boolean }
  /** The copy is read as a whole. */
  | { kind: 'poll'; system: System; who: Who }
  /** The person decides whether the systems may have the data. */
  | { kind: 'decide'; who: Who; isGranted: boolean }
  /** A worker of ours goes through what is to be done; with `crashAt` it dies at that call of the store or of a system. */
  | { kind: 'work'; worker: 0 | 1; crashAt: number | null }
  /** The next writes to a system are answered so. */
  | { kind: 'answer'; system: System; answers: Answer[] }
  | { kind: 'wait'; ms: number };

const who = fc.constantFrom(...PEOPLE);
const system = fc.constantFrom(...SYSTEMS);
const field = fc.constantFrom(...FIELDS);

const someStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('edit' as const), where: fc.constantFrom('web' as const, ...SYSTEMS), who, field, value: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('hear' as const), system, pick: fc.nat(20), again: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('poll' as const), system, who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('decide' as const), who, isGranted: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), worker: fc.constantFrom(0 as const, 1 as const), crashAt: fc.option(fc.nat(60), { freq: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), system, answers: fc.array(fc.constantFrom<Answer>('lost', 'away', 'refused', 'fine'), { minLength: 1, maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(5_000, 61_000, 3_600_000) }) },
);

/** Everybody says yes at first; then anything happens. */
export const someHistory: fc.Arbitrary<Step[]> = fc.array(someStep, { minLength: 1, maxLength: 40 })
  .map((steps) => [...PEOPLE.map((person): Step => ({ kind: 'decide', who: person, isGranted: true })), { kind: 'work', worker: 0, crashAt: null }, ...steps]);
