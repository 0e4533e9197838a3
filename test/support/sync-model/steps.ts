import fc from 'fast-check';
import type { AdminStep, DecideStep, Interruption } from '../consent-model/steps.js';

/** The people of a history, by the id that every system knows them by. */
export const PEOPLE = ['u0', 'u1'] as const;
export type Who = (typeof PEOPLE)[number];
/** Addresses that people share, each under an id of their own. */
export const EMAILS = ['both@example.com', 'other@example.com'] as const;
/** By what everybody here is known. */
export const KEYS = [...PEOPLE.map((who) => `userId|${who}`), ...EMAILS.map((email) => `email|${email}`)];
/** Systems that hold copies: each says what its users change, and is told what it has to be. */
export const SYSTEMS = ['crm', 'shop', 'partner'] as const;
export type System = (typeof SYSTEMS)[number];
/** Clocks of the systems, of ours. */
export const SKEW_MS: Record<System, number> = { crm: 90_500, shop: -40_250, partner: 7_125 };
export const FIELDS = ['phone', 'city'] as const;
export type Field = (typeof FIELDS)[number];

/** What people write into a field; null empties it. */
export const VALUES: Record<Field, readonly (string | null)[]> = {
  phone: ['+14155550101', '+14155550102', '+14155550103', null, '+14155550104'],
  city: ['Shanghai', 'Berlin', 'New York', null, 'Oslo'],
};

/** How a system answers a write: as it should; it has taken it, and nobody hears so; it is away; it refuses for good. */
export type Answer = 'fine' | 'lost' | 'away' | 'refused';

/** One thing that happens. */
export type Step =
  /** Somebody changes a value on the web site, whose consent tool may say with it whether they agree, or users of a system change their copy, which exists from then on. */
  | { kind: 'edit'; where: 'web' | System; who: Who; field: Field; value: number; carries: boolean | null }
  /** Users of a system delete their copy. */
  | { kind: 'delete'; system: System; who: Who }
  /** A person asks to be erased, and the first step of it is done. */
  | { kind: 'erase'; who: Who }
  /** One of the webhooks that a system has yet to send arrives, in any order; `again`: it will come once more. */
  | { kind: 'hear'; system: System; pick: number; again: boolean }
  /** The copy is read as a whole. */
  | { kind: 'poll'; system: System; who: Who }
  /** Somebody logs in at the web site with an address that everybody here uses: two who have are one person, unless one of them has another already. It may be told late. */
  | { kind: 'link'; who: Who; email: 0 | 1; agoMs: number }
  /** An admin takes the latest merge back, or the review of one of the links that were held. */
  | AdminStep
  /** The person decides whether the systems may have the data, and which kinds of them. */
  | DecideStep
  /** A worker of ours goes through what is to be done; at a call of the store or of a system it dies, or a person or an admin decides just then. */
  | { kind: 'work'; worker: 0 | 1; interruptions: Interruption[] }
  /** The next writes to a system are answered so. */
  | { kind: 'answer'; system: System; answers: Answer[] }
  | { kind: 'wait'; ms: number };

const who = fc.constantFrom(...PEOPLE);
const system = fc.constantFrom(...SYSTEMS);
const field = fc.constantFrom(...FIELDS);

/** Half a second off, so that no two happen at one moment. */
const LATE_MS = 3_600_500;
const link: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('link' as const), who, email: fc.constantFrom(0 as const, 0 as const, 1 as const), agoMs: fc.constantFrom(0, 0, LATE_MS) });
/** Both log in with one address. */
const meet: Step[] = PEOPLE.map((person) => ({ kind: 'link', who: person, email: 0, agoMs: 0 }));

const decide: fc.Arbitrary<DecideStep> = fc.record({
  kind: fc.constant('decide' as const), who, purpose: fc.constantFrom('marketing' as const, 'marketing' as const, 'marketing' as const, '*' as const), decision: fc.constantFrom('granted' as const, 'granted' as const, 'withdrawn' as const, 'denied' as const),
  scope: fc.constantFrom('usual' as const, 'all' as const, 'third-party' as const), version: fc.constant('newest' as const), agoMs: fc.constantFrom(0, 0, 0, 5_000),
});
const interruption: fc.Arbitrary<Interruption> = fc.record({ at: fc.nat(60), what: fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'crash' as const }) }, { weight: 4, arbitrary: decide.map((one) => ({ kind: 'decide' as const, decide: one })) }, { weight: 1, arbitrary: who.map((one) => ({ kind: 'erase' as const, who: one })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unmerge' as const }) }, { weight: 1, arbitrary: fc.nat(3).map((pick) => ({ kind: 'settle' as const, pick })) },
) });

const someStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('edit' as const), where: fc.constantFrom('web' as const, ...SYSTEMS), who, field, value: fc.nat(4), carries: fc.constantFrom(null, null, null, null, true, false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), system, who }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('hear' as const), system, pick: fc.nat(20), again: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('poll' as const), system, who }) },
  { weight: 3, arbitrary: decide },
  { weight: 1, arbitrary: link },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const), pick: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unmerge' as const }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), worker: fc.constantFrom(0 as const, 1 as const), interruptions: fc.oneof({ weight: 3, arbitrary: fc.constant<Interruption[]>([]) }, { weight: 1, arbitrary: fc.array(interruption, { minLength: 1, maxLength: 2 }) }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), system, answers: fc.array(fc.constantFrom<Answer>('lost', 'away', 'refused', 'fine'), { minLength: 1, maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(5_000, 61_000, 3_600_000) }) },
);

/** Steps that come to something only one after the other, which chance alone would hardly bring: two who are known at a system turn out to be one, something is said of either, and most of the time they are told apart again. */
const work: Step = { kind: 'work', worker: 1, interruptions: [] };
/** A worker at its work, and what an admin does before the end of it, at such a moment; or after it. */
const workWith = (what: AdminStep, amid: number | null): Step[] => (amid === null ? [work, what] : [{ ...work, interruptions: [{ at: amid, what }] }]);
const amid = fc.option(fc.nat(90), { nil: null });
const meeting: fc.Arbitrary<Step[]> = fc.record({ system, field, values: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), between: fc.array(someStep, { maxLength: 3 }), isParted: fc.constantFrom(true, true, false), amid }).map(({ system: where, field: of, values: [one = 0, other = 0, third = 0], between, isParted, amid: at }): Step[] => {
  const edit = (whose: Who, value: number): Step => ({ kind: 'edit', where, who: whose, field: of, value, carries: null });
  return [edit('u0', one), edit('u1', other), { kind: 'hear', system: where, pick: 0, again: false }, { kind: 'hear', system: where, pick: 0, again: false }, work, ...meet, work, ...between, edit('u1', third), ...(isParted ? [...workWith({ kind: 'unmerge' }, at), work] : [work])];
});

/** Somebody whom a system holds is deleted there, which may be heard late, and most of the time they are named there again: of either one who is one with another, or alone. */
const leaving: fc.Arbitrary<Step[]> = fc.record({ system, who, field, values: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), isOne: fc.constantFrom(true, false, false), between: fc.array(someStep, { maxLength: 3 }), hearFirst: fc.boolean(), isBack: fc.constantFrom(true, true, false), isLate: fc.boolean() }).map(({ system: where, who: whom, field: of, values: [one = 0, other = 0, third = 0], isOne, between, hearFirst, isBack, isLate }): Step[] => {
  const hear: Step = { kind: 'hear', system: where, pick: isLate ? 1 : 0, again: false };
  return [
    { kind: 'edit', where: 'web', who: whom, field: of, value: one, carries: null }, ...(isOne ? meet : []), work, { kind: 'delete', system: where, who: whom }, ...(hearFirst ? [hear, work] : []),
    { kind: 'edit', where: 'web', who: whom, field: of, value: other, carries: null }, work, ...between, ...(isBack ? [{ kind: 'edit', where, who: whom, field: of, value: third, carries: null } as const] : []), hear, work, ...(isOne && isBack ? [{ kind: 'unmerge' } as const, work] : []),
  ];
});

const trouble = (where: System): fc.Arbitrary<Step[]> => fc.option(fc.array(fc.constantFrom<Answer>('lost', 'away', 'fine'), { minLength: 1, maxLength: 4 }), { nil: null }).map((answers) => (answers === null ? [] : [{ kind: 'answer', system: where, answers }]));

/** Somebody comes onto the list of those who have a city, and leaves it again: by an edit, by a refusal, or as one with somebody who has none; while a system is away or its answers get lost. */
const listing: fc.Arbitrary<Step[]> = system.chain((where) => fc.record({ who, first: trouble(where), second: trouble(where), between: fc.array(someStep, { maxLength: 2 }), leaves: fc.constantFrom('by an edit' as const, 'by a refusal' as const, 'as one' as const), scope: fc.constantFrom('all' as const, 'third-party' as const), isBack: fc.boolean() })).map(({ who: whom, first, second, between, leaves, scope, isBack }): Step[] => {
  const city = (value: number): Step => ({ kind: 'edit', where: 'web', who: whom, field: 'city', value, carries: null });
  const refuses: Step = { kind: 'decide', who: whom, purpose: 'marketing', decision: 'withdrawn', scope, version: 'newest', agoMs: 0 };
  return [city(0), ...first, work, ...between, ...second, ...(leaves === 'by a refusal' ? [refuses] : leaves === 'as one' ? [...meet, work, city(3)] : [city(3)]), work, ...(isBack ? [{ kind: 'wait', ms: 61_000 } as const, work, { ...refuses, decision: 'granted' } as const, work, ...(leaves === 'by a refusal' ? [] : [city(4), work])] : [])];
});

/** Somebody of whom systems have a copy is erased: while a write is on its way, its answer was lost or a system is away, and what systems tell of them comes afterwards. */
const forgetting: fc.Arbitrary<Step[]> = system.chain((where) => fc.record({
  who, field, values: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), isOne: fc.constantFrom(true, false, false), first: trouble(where), second: trouble(where), between: fc.array(someStep, { maxLength: 2 }), amid: fc.option(fc.nat(90), { nil: null }), isNamedAgain: fc.boolean(),
}).map(({ who: whom, field: of, values: [one = 0, other = 0, third = 0], isOne, first, second, between, amid, isNamedAgain }): Step[] => {
  const edit = (by: 'web' | System, value: number): Step => ({ kind: 'edit', where: by, who: whom, field: of, value, carries: null });
  const hear: Step = { kind: 'hear', system: where, pick: 0, again: false };
  const erase = { kind: 'erase', who: whom } as const;
  return [
    edit('web', one), ...(isOne ? meet : []), ...first, work, ...between, edit('web', other), ...second, ...(amid === null ? [erase] : [{ kind: 'work', worker: 1, interruptions: [{ at: amid, what: erase }] } satisfies Step]), hear, work,
    ...(isNamedAgain ? [edit(where, third), edit('web', third), hear] : []), work,
  ];
}));

/** Two of whom a system has records have an address in common, and one of them another, which is said late: of the link that holds them together or apart only a review of all says which has its place. Taken, it tells them apart or makes them one; something is said before that and after. */
const weighing: fc.Arbitrary<Step[]> = fc.record({ system, field, values: fc.array(fc.nat(4), { minLength: 4, maxLength: 4 }), before: fc.array(someStep, { maxLength: 2 }), between: fc.array(someStep, { maxLength: 2 }), isParting: fc.boolean(), whose: who, isTakenBack: fc.constantFrom(true, false, false), amid }).map(({ system: where, field: of, values: [one = 0, other = 0, third = 0, fourth = 0], before, between, isParting, whose, isTakenBack, amid: at }): Step[] => {
  const edit = (by: 'web' | System, person: Who, value: number): Step => ({ kind: 'edit', where: by, who: person, field: of, value, carries: null });
  const hear: Step = { kind: 'hear', system: where, pick: 0, again: false };
  const own: Step = { kind: 'link', who: whose, email: 1, agoMs: isParting ? LATE_MS : 0 };
  const links: Step[] = isParting ? [...meet, work, own] : [own, work, ...meet.map((step): Step => (step.kind === 'link' && step.who === whose ? { ...step, agoMs: LATE_MS } : step))];
  return [
    edit(where, 'u0', one), edit('web', 'u1', other), hear, work, ...links, work, ...before, edit(where, 'u1', third), hear, ...workWith({ kind: 'settle', pick: 0 }, at), ...between, work, edit(where, 'u0', fourth), hear, work, ...(isTakenBack ? [{ kind: 'unmerge' } as const, work] : []),
  ];
});

/** Everybody says yes to all at first, one after the other; then anything happens. */
export const someHistory: fc.Arbitrary<Step[]> = fc.tuple(fc.shuffledSubarray([...PEOPLE], { minLength: PEOPLE.length }), fc.array(fc.oneof({ weight: 60, arbitrary: someStep.map((one) => [one]) }, { weight: 1, arbitrary: meeting }, { weight: 1, arbitrary: leaving }, { weight: 1, arbitrary: listing }, { weight: 1, arbitrary: forgetting }, { weight: 1, arbitrary: weighing }), { minLength: 1, maxLength: 30 }))
  .map(([people, parts]) => [...people.map((person): Step => ({ kind: 'decide', who: person, purpose: 'marketing', decision: 'granted', scope: 'all', version: 'newest', agoMs: 0 })), { kind: 'work', worker: 0, interruptions: [] }, ...parts.flat()]);
