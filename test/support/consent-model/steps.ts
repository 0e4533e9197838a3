import fc from 'fast-check';
import { DAY_MS, DELAY_MS, RELEASED_EVENT, type SENDING_EVENTS } from './scene.js';

export const USERS = ['u0', 'u1', 'u2'] as const;
export const EMAILS = ['a@example.com', 'b@example.com'] as const;

/** By what everybody here is known. */
export const KEYS = [...USERS.map((who) => `userId|${who}`), ...EMAILS.map((email) => `email|${email}`)];

/** What comes between two lines of a worker: at any call of the store, before a request, or after its answer. */
export interface Interruption {
  /** At which of these moments, from the first one on. */
  at: number;
  what:
    /** The process dies. */
    | { kind: 'crash' }
    /** The process, or the machine, stands still. */
    | { kind: 'stall'; ms: number }
    /** The person decides at this moment. */
    | { kind: 'decide'; decide: DecideStep }
    /** The person is erased at this moment. */
    | { kind: 'erase'; who: Who }
    /** What is stored of the person is put right at this moment. */
    | CorrectStep
    /** An admin says at this moment who is one person. */
    | AdminStep
    /** The process stands still until its lease is over, and another one takes its work. */
    | { kind: 'overtake' };
}

/** By what somebody is named. */
export type Who = (typeof USERS)[number] | (typeof EMAILS)[number];

export interface DecideStep {
  kind: 'decide';
  who: Who;
  purpose: 'marketing' | 'news' | 'letters' | '*';
  decision: 'granted' | 'denied' | 'withdrawn' | 'objected';
  /** `all` names nobody for a refusal, and third parties too for a grant. */
  scope: 'usual' | 'third-party' | 'all';
  version: 'newest' | 'first';
  /** How long ago they decided: it is told late. */
  agoMs: number;
}

export interface EventStep {
  kind: 'event';
  who: (typeof USERS)[number];
  name: keyof typeof SENDING_EVENTS;
  /** An address that is told with it: it joins the people of both. */
  email: (typeof EMAILS)[number] | null;
  agoMs: number;
  /** What a consent tool says of marketing with it; null for nothing. */
  carries: boolean | null;
  /** Whether it tells a city, as no other record does. */
  tells?: boolean;
}

/** An officer corrects a person: their city, to one that nobody has told, or an address of theirs that is somebody else's, to one that nobody has. */
export interface CorrectStep {
  kind: 'correct';
  who: Who;
  wrong: (typeof EMAILS)[number] | null;
}

export const HOLDS = ['order', 'event'] as const;

/** How the receiver answers a request: with a status, or never. */
export type Answer = { status: number; retryAfterSeconds?: number } | 'timeout';

/** One thing that happens. Whatever else is to be among the histories is one more kind here, and one more case of `playStep`. */
export type Step =
  | DecideStep
  | EventStep
  | CorrectStep
  /** From now on, or no more, a law obliges to keep the facts of what people ordered or did, also past an erasure. */
  | { kind: 'hold'; category: (typeof HOLDS)[number] }
  | { kind: 'lift'; category: (typeof HOLDS)[number] }
  /** A person asks to be erased, and the first step of it is done. */
  | { kind: 'erase'; who: Who }
  /** A worker goes on with erasures. */
  | { kind: 'remove'; worker: 0 | 1; interruptions: Interruption[] }
  /** The last event is sent once more. */
  | { kind: 'repeat' }
  | { kind: 'publish'; isMaterial: boolean }
  | { kind: 'answers'; answers: Answer[] }
  | { kind: 'wait'; ms: number }
  | { kind: 'work'; worker: 0 | 1; part: 'all' | 'apply' | 'lanes' | 'sweep'; interruptions: Interruption[] }
  /** Everything that ended without arriving is taken up again. */
  | { kind: 'replay' }
  /** A new version of the segment: everybody is evaluated again. */
  | { kind: 'rebuild' }
  /** Somebody types an address into a form, and agrees in its name. */
  | FormStep
  /** Who reads the mailbox follows the last link that came there, whether or not it was followed before. */
  | { kind: 'confirm'; email: (typeof EMAILS)[number] }
  /** Somebody logs in at the device that all of them use. */
  | { kind: 'visit'; who: (typeof USERS)[number] }
  /** A no is told there, with nobody logged in. */
  | { kind: 'decline'; purpose: 'marketing' | 'news' }
  | AdminStep
  /** From now on records alone give nobody a second address: what would is held, and asked about. */
  | { kind: 'limit' }
  /** An admin has all that was put aside released, and a worker goes on with releases. */
  | { kind: 'release'; worker: 0 | 1; isOrdered: boolean; interruptions: Interruption[] };

/** An admin says who is one person. */
export type AdminStep = UnmergeStep | SettleStep;

/** A merge is taken back, the so many latest of those that stand; the latest where none is said. */
interface UnmergeStep {
  kind: 'unmerge';
  at?: number;
}

/** What the review of one of the links says that were held is taken. */
interface SettleStep {
  kind: 'settle';
  pick: number;
}

export interface FormStep {
  kind: 'form';
  email: (typeof EMAILS)[number];
  agoMs: number;
}

const ago = fc.constantFrom(0, 0, 0, 0, 5_000, DELAY_MS, DAY_MS - 1_000, 2 * DAY_MS);

const who = fc.constantFrom<Who>(...USERS, ...USERS, ...EMAILS);

const decide: fc.Arbitrary<DecideStep> = fc.record({
  kind: fc.constant('decide' as const), who, purpose: fc.constantFrom('marketing' as const, 'marketing' as const, 'marketing' as const, 'news' as const, '*' as const),
  decision: fc.constantFrom('granted' as const, 'granted' as const, 'granted' as const, 'withdrawn' as const, 'denied' as const, 'objected' as const), scope: fc.constantFrom('usual' as const, 'usual' as const, 'all' as const, 'third-party' as const),
  version: fc.constantFrom('newest' as const, 'newest' as const, 'newest' as const, 'first' as const), agoMs: ago,
});

const event: fc.Arbitrary<EventStep> = fc.record({
  kind: fc.constant('event' as const), who: fc.constantFrom(...USERS), name: fc.constantFrom('Viewed' as const, 'Viewed' as const, 'Viewed' as const, 'Ordered' as const, 'Ordered' as const, 'Shared' as const, 'Asked' as const, 'Paid' as const, 'Wrote' as const),
  email: fc.constantFrom(null, null, null, ...EMAILS), agoMs: ago, carries: fc.constantFrom(null, null, null, true, false), tells: fc.constantFrom(false, false, true),
});

const correct: fc.Arbitrary<CorrectStep> = fc.record({ kind: fc.constant('correct' as const), who, wrong: fc.constantFrom(null, null, ...EMAILS) });

const what: fc.Arbitrary<Interruption['what']> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'crash' as const }) }, { weight: 2, arbitrary: fc.constantFrom(200, 900, 1_500, 11_000).map((ms) => ({ kind: 'stall' as const, ms })) },
  { weight: 2, arbitrary: decide.map((one) => ({ kind: 'decide' as const, decide: one })) }, { weight: 2, arbitrary: fc.constant({ kind: 'overtake' as const }) },
  { weight: 1, arbitrary: who.map((one) => ({ kind: 'erase' as const, who: one })) }, { weight: 1, arbitrary: correct }, { weight: 1, arbitrary: fc.nat(2).map((at) => ({ kind: 'unmerge' as const, at })) },
);
const someMoments = (whatever: fc.Arbitrary<Interruption['what']>): fc.Arbitrary<Interruption[]> => fc.oneof(
  { weight: 3, arbitrary: fc.constant<Interruption[]>([]) }, { weight: 2, arbitrary: fc.array(fc.record({ at: fc.integer({ min: 0, max: 45 }), what: whatever }), { minLength: 1, maxLength: 2 }) },
);
const interruptions = someMoments(what);
const worker = fc.constantFrom(0 as const, 1 as const);

const work: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('work' as const), worker, part: fc.constantFrom('all' as const, 'all' as const, 'apply' as const, 'lanes' as const, 'sweep' as const),
  interruptions,
});

const remove: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('remove' as const), worker, interruptions });

const answer: fc.Arbitrary<Answer> = fc.constantFrom<Answer>({ status: 500 }, { status: 429, retryAfterSeconds: 30 }, { status: 503, retryAfterSeconds: 5 }, 'timeout', { status: 422 }, { status: 200 });

const email = fc.constantFrom(...EMAILS);
const form: fc.Arbitrary<FormStep> = fc.record({ kind: fc.constant('form' as const), email, agoMs: fc.constantFrom(0, 0, 0, 5_000, 2 * DAY_MS) });
const confirm: fc.Arbitrary<Step> = email.map((one) => ({ kind: 'confirm' as const, email: one }));
const refuseLetters: fc.Arbitrary<Step> = fc.tuple(who, decide).map(([one, other]) => ({ ...other, who: one, purpose: 'letters' as const, decision: 'withdrawn' as const }));
const aside: fc.Arbitrary<EventStep> = event.map((one) => ({ ...one, name: RELEASED_EVENT }));
const release: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('release' as const), worker, isOrdered: fc.constantFrom(true, true, false), interruptions });

const holding: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom('hold' as const, 'hold' as const, 'lift' as const), category: fc.constantFrom(...HOLDS) });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: event }, { weight: 5, arbitrary: decide }, { weight: 8, arbitrary: work },
  { weight: 1, arbitrary: who.map((one) => ({ kind: 'erase' as const, who: one })) }, { weight: 1, arbitrary: remove },
  { weight: 2, arbitrary: fc.constantFrom(1, 900, 1_100, 11_000, 59_000, DELAY_MS, DAY_MS).map((ms) => ({ kind: 'wait' as const, ms })) },
  { weight: 1, arbitrary: fc.array(answer, { minLength: 1, maxLength: 3 }).map((answers) => ({ kind: 'answers' as const, answers })) },
  { weight: 1, arbitrary: fc.boolean().map((isMaterial) => ({ kind: 'publish' as const, isMaterial })) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'replay' }, { kind: 'rebuild' }, { kind: 'repeat' }) },
  { weight: 1, arbitrary: form }, { weight: 1, arbitrary: confirm }, { weight: 1, arbitrary: refuseLetters }, { weight: 1, arbitrary: aside }, { weight: 1, arbitrary: release }, { weight: 1, arbitrary: fc.nat(2).map((at) => ({ kind: 'unmerge' as const, at })) },
  { weight: 1, arbitrary: correct }, { weight: 1, arbitrary: holding },
);

/** Steps that come to something only one after the other, which chance alone would hardly bring; others come between. */
const allWork = (one: 0 | 1): Step => ({ kind: 'work', worker: one, part: 'all', interruptions: [] });
const confirming: fc.Arbitrary<Step[]> = fc.record({ who: fc.constantFrom(...USERS), email, worker, refused: fc.constantFrom(null, null, 'before' as const, 'after' as const) }).map(({ who: one, email: to, worker: by, refused }): Step[] => {
  const wrote: EventStep = { kind: 'event', who: one, name: 'Wrote', email: to, agoMs: 0, carries: null };
  const refuse: Step = { kind: 'decide', who: one, purpose: 'letters', decision: 'withdrawn', scope: 'usual', version: 'newest', agoMs: 0 };
  const confirmIt: Step = { kind: 'confirm', email: to };
  return [wrote, { kind: 'form', email: to, agoMs: 0 }, allWork(by), ...(refused === 'before' ? [refuse] : []), confirmIt, ...(refused === 'after' ? [refuse, confirmIt] : []), wrote, allWork(by)];
});
const releasing: fc.Arbitrary<Step[]> = fc.record({ aside, worker, before: decide, between: decide }).map(({ aside: one, worker: by, before, between }): Step[] => {
  const their = (said: DecideStep): DecideStep => ({ ...said, who: one.who, agoMs: 0 });
  return [their(before), one, allWork(by), their(between), { kind: 'release', worker: by, isOrdered: true, interruptions: [] }, allWork(by)];
});
const parting: fc.Arbitrary<Step[]> = fc.record({ amid: fc.option(fc.nat(45), { nil: null }), first: decide, second: decide, email, worker, ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }) }).map(({ amid, first, second, email: shared, worker: by, ways: [one = 'u0', other = 'u1'] }): Step[] => {
  const seen = (whose: (typeof USERS)[number], address: EventStep['email']): EventStep => ({ kind: 'event', who: whose, name: 'Viewed', email: address, agoMs: 0, carries: null });
  const [unmerge, both]: [UnmergeStep, Step[]] = [{ kind: 'unmerge', at: 0 }, [seen(one, null), seen(other, null)]];
  return [...both, allWork(by), { ...first, who: one }, { ...second, who: other }, seen(one, shared), seen(other, shared), allWork(by), ...(amid === null ? [unmerge, ...both] : [...both, { kind: 'work', worker: by, part: 'all', interruptions: [{ at: amid, what: unmerge }] } satisfies Step, ...both]), allWork(by)];
});

const correcting: fc.Arbitrary<Step[]> = fc.record({ one: fc.constantFrom(...USERS), email, worker, first: decide, second: decide, byAddress: fc.constantFrom(true, true, false), after: fc.constantFrom(null, 'comes', 'erased' as const) }).map(({ one, email: wrong, worker: by, first, second, byAddress, after }): Step[] => {
  const seen = (address: EventStep['email']): EventStep => ({ kind: 'event', who: one, name: 'Viewed', email: address, agoMs: 0, carries: null, tells: true });
  const fails: Step = { kind: 'answers', answers: [{ status: 500 }] };
  const correctIt: Step = { kind: 'correct', who: one, wrong };
  return [seen(wrong), allWork(by), { ...first, who: byAddress ? wrong : one }, { ...second, who: one }, fails, seen(null), allWork(by), correctIt, ...(after === 'comes' ? [seen(wrong)] : after === 'erased' ? [{ kind: 'erase', who: wrong } satisfies Step] : []), { kind: 'wait', ms: 59_000 }, seen(null), allWork(by)];
});

const settle: fc.Arbitrary<SettleStep> = fc.nat(3).map((pick) => ({ kind: 'settle' as const, pick }));
const limited: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(event, fc.constantFrom(null, ...EMAILS)).map(([one, address]) => ({ ...one, email: address })) }, { weight: 5, arbitrary: decide }, { weight: 2, arbitrary: settle }, { weight: 1, arbitrary: fc.nat(2).map((at) => ({ kind: 'unmerge' as const, at })) },
  { weight: 8, arbitrary: fc.tuple(work, someMoments(fc.oneof({ weight: 4, arbitrary: what }, { weight: 1, arbitrary: settle }))).map(([one, moments]) => ({ ...one, interruptions: moments })) },
  { weight: 1, arbitrary: who.map((one) => ({ kind: 'erase' as const, who: one })) }, { weight: 1, arbitrary: remove }, { weight: 1, arbitrary: fc.constantFrom(1, 1_100, 11_000, 59_000, DELAY_MS).map((ms) => ({ kind: 'wait' as const, ms })) },
  { weight: 1, arbitrary: fc.array(answer, { minLength: 1, maxLength: 3 }).map((answers) => ({ kind: 'answers' as const, answers })) }, { weight: 1, arbitrary: fc.boolean().map((isMaterial) => ({ kind: 'publish' as const, isMaterial })) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'replay' }, { kind: 'rebuild' }, { kind: 'repeat' }) },
  { weight: 1, arbitrary: fc.tuple(aside, fc.constantFrom(null, ...EMAILS)).map(([one, address]) => ({ ...one, email: address })) }, { weight: 1, arbitrary: release }, { weight: 1, arbitrary: correct }, { weight: 1, arbitrary: holding },
);
/** What is put aside names one who has an address with another, as what is applied of them does, or was said before that: its refusal counts at once, and its link when it is released. */
const releasingHeld: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), emails: fc.shuffledSubarray([...EMAILS], { minLength: 2, maxLength: 2 }), worker, said: decide, under: fc.nat(3), carries: fc.constantFrom(null, true, false, false), asideAgoMs: fc.constantFrom(0, 0, DELAY_MS), isFirst: fc.boolean(), isBatched: fc.boolean(), moments: interruptions,
  isReviewed: fc.constantFrom(null, 'before' as const, 'after' as const), name: fc.constantFrom('Viewed' as const, 'Asked' as const),
}).map(({ ways: [one = 'u0', other = 'u1'], emails: [shared = 'a@example.com', own = 'b@example.com'], worker: by, said, under, carries, asideAgoMs, isFirst, isBatched, moments, isReviewed, name }): Step[] => {
  const seen = (of: (typeof USERS)[number], address: EventStep['email'] = null): EventStep => ({ kind: 'event', who: of, name, email: address, agoMs: 0, carries: null });
  const review = (when: typeof isReviewed): Step[] => (isReviewed === when ? [{ kind: 'settle', pick: 0 }] : []);
  const lies: Step = { ...seen(one, shared), name: RELEASED_EVENT, agoMs: asideAgoMs, carries };
  const has: Step[] = [seen(one, own), seen(other, shared), ...(isBatched ? [] : [allWork(by)])];
  const both: Step[] = [seen(one), seen(other), allWork(by)];
  return [
    ...(isFirst ? [lies, ...has] : [...has, lies]), allWork(by), { ...said, who: [one, other, shared, own][under] ?? one }, ...both, ...review('before'), { kind: 'release', worker: by, isOrdered: true, interruptions: moments }, allWork(by), ...both, ...review('after'), ...both,
  ];
});
/** Two have an address in common, and one of them another, which is said late: of the link that holds them together or apart only a review of all says which has its place. It is taken, also while a worker is at its work, and most of what follows is sent of either. */
const weighing: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), emails: fc.shuffledSubarray([...EMAILS], { minLength: 2, maxLength: 2 }), worker, said: fc.array(decide, { minLength: 3, maxLength: 3 }), under: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), between: limited, isParting: fc.constantFrom(true, true, false), late: fc.constantFrom(0, 1), name: fc.constantFrom('Viewed' as const, 'Asked' as const),
  amid: fc.option(fc.nat(60), { nil: null }), isTakenBack: fc.constantFrom(true, false, false),
}).map(({ ways: [one = 'u0', other = 'u1'], emails: [shared = 'a@example.com', own = 'b@example.com'], worker: by, said, under, between, isParting, late, name, amid, isTakenBack }): Step[] => {
  const [whose, names] = [late === 0 ? one : other, [one, other, shared, own] as const];
  const seen = (of: (typeof USERS)[number], address: EventStep['email'] = null, agoMs = 0): EventStep => ({ kind: 'event', who: of, name, email: address, agoMs, carries: null });
  const say = (at: number): Step[] => said.slice(at, at + 1).map((what) => ({ ...what, who: names[under[at] ?? 0] ?? one, agoMs: 0 }));
  const both: Step[] = [seen(one), seen(other), allWork(by)];
  const meet = [one, other].map((of) => seen(of, shared, !isParting && of === whose ? DELAY_MS : 0));
  const links: Step[] = isParting ? [...meet, allWork(by), ...say(1), seen(whose, own, DELAY_MS)] : [seen(whose, own), allWork(by), ...say(1), ...meet];
  const review: SettleStep = { kind: 'settle', pick: 0 };
  const taken: Step[] = amid === null ? [review, ...both] : [seen(one), seen(other), { kind: 'work', worker: by, part: 'all', interruptions: [{ at: amid, what: review }] }, ...both];
  return [...both, ...say(0), ...links, allWork(by), ...both, ...say(2), between, ...taken, ...(isTakenBack ? [{ kind: 'unmerge', at: 0 } as const, ...both] : [])];
});
/** One of the addresses that a link was held by, or that it would have given, turns out to be a stranger's: before its review is taken or after, of whom has it or of whom it was held for. */
const correctingHeld: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), emails: fc.shuffledSubarray([...EMAILS], { minLength: 2, maxLength: 2 }), worker, said: fc.array(decide, { minLength: 2, maxLength: 2 }), under: fc.array(fc.nat(3), { minLength: 2, maxLength: 2 }), isOwned: fc.boolean(), heldAgoMs: fc.constantFrom(0, DELAY_MS),
  of: fc.constantFrom(0, 1), wrong: fc.constantFrom(0, 1), isReviewed: fc.constantFrom(null, 'before' as const, 'after' as const), then: fc.constantFrom(null, 'comes' as const, 'erased' as const), name: fc.constantFrom('Viewed' as const, 'Asked' as const),
}).map(({ ways: [one = 'u0', other = 'u1'], emails: [shared = 'a@example.com', own = 'b@example.com'], worker: by, said, under, isOwned, heldAgoMs, of, wrong, isReviewed, then, name }): Step[] => {
  const [names, lost] = [[one, other, shared, own] as const, wrong === 0 ? shared : own];
  const seen = (whose: (typeof USERS)[number], address: EventStep['email'] = null, agoMs = 0): EventStep => ({ kind: 'event', who: whose, name, email: address, agoMs, carries: null });
  const say = (at: number): Step[] => said.slice(at, at + 1).map((what) => ({ ...what, who: names[under[at] ?? 0] ?? one, agoMs: 0 }));
  const review = (when: typeof isReviewed): Step[] => (isReviewed === when ? [{ kind: 'settle', pick: 0 }] : []);
  const both: Step[] = [seen(one), seen(other), allWork(by)];
  return [
    seen(one, own), ...(isOwned ? [seen(other, shared)] : []), allWork(by), ...say(0), seen(one, shared, heldAgoMs), allWork(by), ...both, ...say(1), ...review('before'), { kind: 'correct', who: of === 0 ? one : other, wrong: lost }, ...review('after'),
    ...(then === 'comes' ? [seen(one, lost)] : then === 'erased' ? [{ kind: 'erase', who: lost } satisfies Step] : []), ...both, ...both,
  ];
});
/** A law obliges to keep what people did or ordered: also what names two by a link that was held, of whom one is erased. */
const keepingHeld: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), emails: fc.shuffledSubarray([...EMAILS], { minLength: 2, maxLength: 2 }), worker, category: fc.constantFrom(...HOLDS), isHeldFirst: fc.constantFrom(true, true, false), heldAgoMs: fc.constantFrom(0, DELAY_MS), isReviewed: fc.boolean(), erased: fc.nat(3), moments: interruptions, isLifted: fc.boolean(),
}).map(({ ways: [one = 'u0', other = 'u1'], emails: [shared = 'a@example.com', own = 'b@example.com'], worker: by, category, isHeldFirst, heldAgoMs, isReviewed, erased, moments, isLifted }): Step[] => {
  const ordered = (of: (typeof USERS)[number], address: EventStep['email'], agoMs = 0): EventStep => ({ kind: 'event', who: of, name: 'Ordered', email: address, agoMs, carries: null });
  const held: Step = { kind: 'hold', category };
  return [
    ...(isHeldFirst ? [held] : []), ordered(one, own), ordered(other, shared), allWork(by), ordered(one, shared, heldAgoMs), allWork(by), ...(isReviewed ? [{ kind: 'settle', pick: 0 } satisfies Step] : []),
    { kind: 'erase', who: [one, other, shared, own][erased] ?? one }, ...(isHeldFirst ? [] : [held]), ordered(one, null), { kind: 'remove', worker: by, interruptions: moments }, ...(isLifted ? [{ kind: 'lift', category } satisfies Step] : []), allWork(by),
  ];
});
/** Who has an address is named with another, in the name of which somebody has agreed at a form, or does: whoever reads that mailbox confirms, and what they refuse is of whose it is. */
const confirmingHeld: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), emails: fc.shuffledSubarray([...EMAILS], { minLength: 2, maxLength: 2 }), worker, isFormFirst: fc.boolean(), isOwned: fc.boolean(), refusedBy: fc.constantFrom(null, null, 0, 1, 2), isRefusedFirst: fc.boolean(), erased: fc.constantFrom(null, null, null, 0, 1),
}).map(({ ways: [one = 'u0', other = 'u1'], emails: [shared = 'a@example.com', own = 'b@example.com'], worker: by, isFormFirst, isOwned, refusedBy, isRefusedFirst, erased }): Step[] => {
  const wrote = (of: (typeof USERS)[number], address: EventStep['email'] = null): EventStep => ({ kind: 'event', who: of, name: 'Wrote', email: address, agoMs: 0, carries: null });
  const form: Step[] = [{ kind: 'form', email: shared, agoMs: 0 }, allWork(by)];
  const refuse: Step[] = refusedBy === null ? [] : [{ kind: 'decide', who: [one, other, shared][refusedBy] ?? shared, purpose: 'letters', decision: 'withdrawn', scope: 'usual', version: 'newest', agoMs: 0 }];
  const confirmIt: Step = { kind: 'confirm', email: shared };
  return [
    ...(isFormFirst ? form : []), wrote(one, own), ...(isOwned ? [wrote(other, shared)] : []), allWork(by), wrote(one, shared), allWork(by), ...(isFormFirst ? [] : form), ...(isRefusedFirst ? refuse : []), confirmIt, ...(isRefusedFirst ? [] : refuse),
    ...(erased === null ? [] : [{ kind: 'erase', who: erased === 0 ? one : shared } satisfies Step]), wrote(one), wrote(other, shared), allWork(by), confirmIt, wrote(other), allWork(by),
  ];
});
/** Under a limit that is there from the first record on, or comes when some have more. */
const underLimit = (one: fc.Arbitrary<Step>, ...sequences: fc.Arbitrary<Step[]>[]): fc.Arbitrary<Step[]> => fc.tuple(fc.array(one, { maxLength: 2 }), fc.array(fc.oneof({ weight: 7, arbitrary: one.map((step) => [step]) }, ...sequences.map((arbitrary) => ({ weight: 1, arbitrary }))), { minLength: 3, maxLength: 8, size: 'max' })).map(([before, parts]) => [...before, { kind: 'limit' }, ...parts.flat()]);
/** Of forms apart: after one nobody is told apart. */
const claiming: fc.Arbitrary<Step> = fc.oneof({ weight: 12, arbitrary: limited }, { weight: 1, arbitrary: form }, { weight: 1, arbitrary: confirm }, { weight: 1, arbitrary: refuseLetters });
const limitedHistory: fc.Arbitrary<Step[]> = fc.oneof({ weight: 4, arbitrary: underLimit(limited, weighing, releasingHeld, correctingHeld, keepingHeld) }, { weight: 1, arbitrary: underLimit(claiming, confirmingHeld, confirming, releasingHeld) });

/** The address by which two were taken for one was somebody else's; that is found before they are told apart again, or after. */
const correctingParted: fc.Arbitrary<Step[]> = fc.record({ email, worker, first: decide, second: decide, third: decide, isPartedFirst: fc.boolean(), after: fc.constantFrom(null, 'comes', 'erased' as const), ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), of: fc.constantFrom(0, 1) })
  .map(({ email: wrong, worker: by, first, second, third, isPartedFirst, after, ways: [one = 'u0', other = 'u1'], of }): Step[] => {
    const seen = (whose: (typeof USERS)[number], address: EventStep['email']): EventStep => ({ kind: 'event', who: whose, name: 'Viewed', email: address, agoMs: 0, carries: null });
    const then: Step[] = [{ kind: 'correct', who: of === 0 ? one : other, wrong }, { kind: 'unmerge', at: 0 }];
    return [
      seen(one, null), seen(other, wrong), allWork(by), { ...first, who: wrong }, { ...second, who: other }, seen(one, wrong), allWork(by), { ...third, who: wrong }, seen(one, null), allWork(by), ...(isPartedFirst ? then.reverse() : then),
      ...(after === 'comes' ? [seen(other, wrong)] : after === 'erased' ? [{ kind: 'erase', who: wrong } satisfies Step] : []), seen(one, null), seen(other, null), allWork(by),
    ];
  });

/** An address that somebody typed into a form, and asked to confirm, turns out to be another's than whose it was taken for. */
const correctingClaimed: fc.Arbitrary<Step[]> = fc.record({ one: fc.constantFrom(...USERS), email, worker, first: decide, isFormFirst: fc.boolean(), isConfirmedFirst: fc.boolean(), refused: fc.constantFrom(null, 'before' as const, 'after' as const), after: fc.constantFrom(null, 'comes', 'erased' as const) })
  .map(({ one, email: wrong, worker: by, first, isFormFirst, isConfirmedFirst, refused, after }): Step[] => {
    const wrote = (address: EventStep['email']): EventStep => ({ kind: 'event', who: one, name: 'Wrote', email: address, agoMs: 0, carries: null });
    const refuse: Step = { kind: 'decide', who: wrong, purpose: 'letters', decision: 'withdrawn', scope: 'usual', version: 'newest', agoMs: 0 };
    const form: Step[] = [{ kind: 'form', email: wrong, agoMs: 0 }, allWork(by), ...(refused === 'before' ? [refuse] : [])];
    const confirmIt: Step = { kind: 'confirm', email: wrong };
    return [
      ...(isFormFirst ? form : []), wrote(wrong), allWork(by), { ...first, who: wrong }, ...(isFormFirst ? [] : form), ...(isConfirmedFirst ? [confirmIt] : []), { kind: 'correct', who: one, wrong }, ...(refused === 'after' ? [refuse] : []), confirmIt, wrote(null), allWork(by),
      ...(after === 'comes' ? [wrote(wrong)] : after === 'erased' ? [{ kind: 'erase', who: wrong } satisfies Step] : []), confirmIt, wrote(null), allWork(by),
    ];
  });

/** What a tool said of somebody is told again after a new version, by itself or after they, or another with the same address, have said something else. */
const renewing: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), email: fc.constantFrom(null, ...EMAILS), worker, isMaterial: fc.constantFrom(true, true, false), between: fc.constantFrom(null, null, 'own' as const, 'other' as const), isBefore: fc.boolean(), said: decide, isDecided: fc.constantFrom(false, false, true), agoMs: ago,
}).map(({ ways: [one = 'u0', other = 'u1'], email: shared, worker: by, isMaterial, between, isBefore, said, isDecided, agoMs }): Step[] => {
  const told = (whose: (typeof USERS)[number], carries: boolean, more: Partial<EventStep> = {}): EventStep => ({ kind: 'event', who: whose, name: 'Viewed', email: shared, agoMs: 0, carries, ...more });
  const middle: Step[] = between === null ? [] : [told(between === 'own' ? one : other, false), allWork(by)];
  const publish: Step = { kind: 'publish', isMaterial };
  return [told(one, true), allWork(by), ...(isBefore ? [...middle, publish] : [publish, ...middle]), ...(isDecided ? [{ ...said, who: one }] : []), told(one, true, { agoMs }), allWork(by), told(other, true), allWork(by)];
});

/** At a device that several use: nobody of them is ever made one with another, nor erased, and each yes is an act of their own. */
const ownDecide: fc.Arbitrary<DecideStep> = fc.tuple(decide, fc.constantFrom(...USERS)).map(([one, whose]) => ({ ...one, who: whose }));
const alone = (one: Interruption): Interruption => (one.what.kind === 'erase' || one.what.kind === 'correct' ? { ...one, what: { kind: 'crash' } } : one.what.kind === 'decide' && one.what.decide.who.includes('@') ? { ...one, what: { kind: 'decide', decide: { ...one.what.decide, who: 'u1' } } } : one);
const sharing: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...USERS).map((one) => ({ kind: 'visit' as const, who: one })) }, { weight: 4, arbitrary: fc.constantFrom('marketing' as const, 'news' as const, 'news' as const).map((purpose) => ({ kind: 'decline' as const, purpose })) },
  { weight: 5, arbitrary: event.map((one) => ({ ...one, email: null, carries: one.carries === true ? null : one.carries })) }, { weight: 4, arbitrary: ownDecide },
  { weight: 8, arbitrary: work.map((one) => (one.kind === 'work' ? { ...one, interruptions: one.interruptions.map(alone) } : one)) }, { weight: 1, arbitrary: fc.constantFrom(1, 1_100, 11_000, DELAY_MS).map((ms) => ({ kind: 'wait' as const, ms })) },
  { weight: 1, arbitrary: fc.boolean().map((isMaterial) => ({ kind: 'publish' as const, isMaterial })) }, { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'replay' }, { kind: 'rebuild' }, { kind: 'repeat' }) },
);
/** Two are known there, a no is told, and either is sent something. */
const declining: fc.Arbitrary<Step[]> = fc.record({ ways: fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }), purpose: fc.constantFrom('marketing' as const, 'news' as const), said: ownDecide, between: sharing, worker }).map(({ ways: [one = 'u0', other = 'u1'], purpose, said, between, worker: by }): Step[] => {
  const sent: Step = { kind: 'event', who: other, name: purpose === 'news' ? 'Asked' : 'Viewed', email: null, agoMs: 0, carries: null };
  return [{ kind: 'visit', who: one }, { kind: 'visit', who: other }, allWork(by), { ...said, who: other, agoMs: 0 }, sent, allWork(by), { kind: 'decline', purpose }, between, sent, allWork(by)];
});
/** Two who are known there, or one of them, turn out to be one and are told apart again, and a no is told at any time between. */
const joinable: fc.Arbitrary<Step> = fc.oneof({ weight: 8, arbitrary: sharing }, { weight: 2, arbitrary: event.map((one) => ({ ...one, carries: one.carries === true ? null : one.carries })) }, { weight: 1, arbitrary: fc.nat(2).map((at) => ({ kind: 'unmerge' as const, at })) });
const joiningThere: fc.Arbitrary<Step[]> = fc.record({
  ways: fc.shuffledSubarray([...USERS], { minLength: 3, maxLength: 3 }), email, purpose: fc.constantFrom('marketing' as const, 'news' as const), worker, there: fc.constantFrom<readonly boolean[]>([true, false], [false, true], [true, true]), first: ownDecide, second: ownDecide, meanwhile: fc.constantFrom(null, null, 0, 1), declines: fc.subarray([0, 1, 2], { minLength: 1 }), between: joinable,
}).map(({ ways: [one = 'u0', other = 'u1', third = 'u2'], email: shared, purpose, worker: by, there, first, second, meanwhile, declines, between }): Step[] => {
  const seen = (whose: (typeof USERS)[number], address: EventStep['email'] = null): EventStep => ({ kind: 'event', who: whose, name: purpose === 'news' ? 'Asked' : 'Viewed', email: address, agoMs: 0, carries: null });
  const decline = (at: number): Step[] => (declines.includes(at) ? [{ kind: 'decline', purpose }, allWork(by)] : []);
  const visits = [one, other].filter((_, index) => there[index]).map((whose) => ({ kind: 'visit' as const, who: whose }));
  return [
    { kind: 'visit', who: third }, seen(one), seen(other), allWork(by), ...visits, allWork(by), ...decline(0), { ...first, who: one }, { ...second, who: other }, seen(one, shared), seen(other, shared), allWork(by), ...decline(1),
    ...(meanwhile === null ? [] : [{ kind: 'visit' as const, who: meanwhile === 0 ? one : other }, allWork(by)]), between, ...decline(2), seen(one), allWork(by), { kind: 'unmerge', at: 0 }, seen(one), seen(other), allWork(by), { kind: 'decline', purpose }, seen(one), seen(other), allWork(by),
  ];
});
/** All are known before anything else, one after the other: of two who come to be known at one moment the model cannot say whose a new address is. */
const known: Step[] = USERS.flatMap((one): Step[] => [{ kind: 'event', who: one, name: 'Paid', email: null, agoMs: 0, carries: null }, allWork(0), { kind: 'wait', ms: 1 }]);
const joinedHistory: fc.Arbitrary<Step[]> = fc.array(fc.oneof({ weight: 7, arbitrary: joinable.map((one) => [one]) }, { weight: 1, arbitrary: joiningThere }), { minLength: 5, maxLength: 14, size: 'max' }).map((parts) => [...known, ...parts.flat()]);
const sharedHistory: fc.Arbitrary<Step[]> = fc.array(fc.oneof({ weight: 9, arbitrary: sharing.map((one) => [one]) }, { weight: 1, arbitrary: declining }), { minLength: 8, maxLength: 20, size: 'max' }).map((parts) => parts.flat());

const ownHistory: fc.Arbitrary<Step[]> = fc.array(fc.oneof({ weight: 1, arbitrary: renewing }, { weight: 149, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: confirming }, { weight: 1, arbitrary: releasing }, { weight: 1, arbitrary: parting }, { weight: 1, arbitrary: correcting }, { weight: 1, arbitrary: correctingParted }, { weight: 1, arbitrary: correctingClaimed }), { minLength: 5, maxLength: 15, size: 'max' })
  .map((parts) => parts.flat());

/** A history: what happens to a few people of one workspace, one thing after the other. */
export const someHistory: fc.Arbitrary<Step[]> = fc.oneof({ weight: 18, arbitrary: ownHistory }, { weight: 1, arbitrary: sharedHistory }, { weight: 1, arbitrary: joinedHistory }, { weight: 1, arbitrary: limitedHistory });
