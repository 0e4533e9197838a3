import { hearSaid, heldOtherwise, seenToHold } from './hear-said.js';
import { differenceOf, ECHO_MS, forgottenField, noteWritten, OSCILLATION_MS, releaseField, settleWrite, SLOW_OSCILLATION_MS, UNKNOWN_FIELD, type SyncField } from './sync-state.js';

const GROUND = { ruleId: 'crm', between: ['hubspot', 'shopify'] as [string, string] };
const write = (field: SyncField, digest: string, at: number, deliveryId = `d${at}`): SyncField => noteWritten(field, { digest, deliveryId, at });
const confirmed = (field: SyncField, digest: string, at: number): SyncField => settleWrite(write(field, digest, at), `d${at}`, 'arrived');
const hear = (field: SyncField, digest: string, at: number, now = at) => hearSaid(field, { digest, at, now });
const differs = (field: SyncField, digest: string, now = 1_000) => differenceOf(field, digest, now, GROUND).difference;

describe('a write', () => {
  it('is needed until it is confirmed', () => {
    expect(differs(UNKNOWN_FIELD, 'a')).toBe('differs');
    const pending = write(UNKNOWN_FIELD, 'a', 1);
    expect(differs(pending, 'a')).toBe('differs');
    expect(differs(settleWrite(pending, 'd1', 'arrived'), 'a')).toBe('same');
    expect(settleWrite(pending, 'another', 'arrived')).toBe(pending);
  });

  it.each([['refused', 'same'], ['unclear', 'differs']] as const)('leaves what was held when it was %s: %s', (outcome, expected) => {
    const field = settleWrite(write(confirmed(UNKNOWN_FIELD, 'a', 1), 'b', 2), 'd2', outcome);
    expect([differs(field, 'a'), differs(field, 'b')]).toEqual([expected, 'differs']);
  });

  it('that was not answered leaves unknown what is held, also when the next one is refused', () => {
    const field = settleWrite(write(write(confirmed(UNKNOWN_FIELD, 'a', 1), 'b', 2), 'c', 3), 'd3', 'refused');
    expect(field.held).toBeNull();
  });
});

describe('what a system says', () => {
  const known = confirmed(UNKNOWN_FIELD, 'a', 1);

  it.each<[string, SyncField, string, number, string, string | null]>([
    ['what it holds', known, 'a', 2, 'echo', 'a'],
    ['what is on its way', write(known, 'b', 2), 'b', 3, 'echo', 'a'],
    ['what it held while another is on its way', write(known, 'b', 2), 'a', 3, 'unclear', null],
    ['a former value before it has told of the next one', confirmed(known, 'b', 2), 'a', 3, 'unclear', null],
    ['a former value of before', hear(confirmed(known, 'b', 2), 'b', 50).field, 'a', 49, 'echo', 'b'],
    ['a former value later on', hear(confirmed(known, 'b', 2), 'b', 50).field, 'a', 51, 'edit', 'a'],
    ['a former value after a long time', confirmed(known, 'b', 2), 'a', 3 + ECHO_MS, 'edit', 'a'],
    ['anything before it was told anything', UNKNOWN_FIELD, 'x', 1, 'edit', 'x'],
    ['another value, and may have said so before our write came', known, 'x', 2, 'edit', null],
    ['another value after it has told of our write', hear(known, 'a', 5).field, 'x', 6, 'edit', 'x'],
    ['another value a long time after our write', known, 'x', 2 + ECHO_MS, 'edit', 'x'],
    ['another value of before', hear(known, 'a', 5).field, 'x', 4, 'late', 'a'],
    ['another value at the same moment', hear(known, 'a', 5).field, 'x', 5, 'edit', null],
  ])('is told: %s', (_, field, digest, at, heard, held) => {
    const outcome = hear(field, digest, at);
    expect([outcome.heard, outcome.field.held]).toEqual([heard, held]);
  });

  it('while a write is on its way leaves unknown what it holds when the write is confirmed', () => {
    const crossed = hear(write(known, 'b', 2), 'x', 3);
    expect(crossed.heard).toBe('edit');
    expect(settleWrite(crossed.field, 'd2', 'arrived').held).toBeNull();
    const told = hear(crossed.field, 'b', 4);
    expect([told.heard, settleWrite(told.field, 'd2', 'arrived').held]).toEqual(['echo', 'b']);
  });
});

describe('the breaker', () => {
  const fro = (): SyncField => ['a', 'b', 'a', 'b'].reduce((field, digest, index) => confirmed(field, digest, index + 1), UNKNOWN_FIELD);

  it('stops what has gone to and fro, names where, and lets a third value through', () => {
    const { difference, field } = differenceOf(fro(), 'a', 10, GROUND);
    expect([difference, field.stopped]).toEqual(['stopped', { since: 10, ...GROUND, digests: ['a', 'b'] }]);
    expect(differenceOf(field, 'a', 10 + 2 * OSCILLATION_MS, GROUND).difference).toBe('stopped');
    expect(differenceOf(field, 'b', 11, GROUND).difference).toBe('same');
    const third = differenceOf(field, 'c', 12, GROUND);
    expect([third.difference, third.field.stopped]).toEqual(['differs', undefined]);
    expect(differs(releaseField(field), 'a', 13)).toBe('differs');
  });

  it('counts what the system says against us, and nothing of long ago', () => {
    let field = UNKNOWN_FIELD;
    const rounds: string[] = [];
    // It makes another value of ours each time, and has never told of ours itself.
    for (const at of [1, 3, 5, 7]) {
      rounds.push(differs(field, 'a', at));
      field = hear(confirmed(field, 'a', at), 'b', at + 1).field;
    }
    expect(rounds).toEqual(['differs', 'differs', 'differs', 'stopped']);
    expect(differs(field, 'a', 9 + SLOW_OSCILLATION_MS)).toBe('differs');
    field = ['b', 'b'].reduce((told, value, index) => hear(hear(confirmed(told, 'a', 10 * index + 1), 'a', 10 * index + 2).field, value, 10 * index + 3).field, UNKNOWN_FIELD);
    expect(differs(field, 'a', 20)).toBe('stopped');
    expect(differs(confirmed(confirmed(UNKNOWN_FIELD, 'a', 1), 'b', 2), 'a', 3)).toBe('differs');
  });

  it('takes two more turns where they took longer, as where a system is read once a day', () => {
    const daily = (days: number): SyncField => Array.from({ length: days }, (_, day) => day * 24 * OSCILLATION_MS).reduce((field, at) => hear(confirmed(field, 'a', at), 'b', at + 12 * OSCILLATION_MS).field, UNKNOWN_FIELD);
    expect([1, 2, 3, 4, 5].map((days) => differs(daily(days), 'a', days * 24 * OSCILLATION_MS))).toEqual(['differs', 'differs', 'stopped', 'stopped', 'stopped']);
    expect(differs(daily(3), 'a', 12 * 24 * OSCILLATION_MS)).toBe('differs');
  });

  it('stops what each side answers with another value still, and not who edits at their leisure', () => {
    const growing = (everyMs: number, rounds = 6): SyncField => Array.from({ length: rounds }, (_, round) => round).reduce((field, round) => hear(confirmed(field, `a${round}`, round * everyMs), `b${round}`, round * everyMs + 1).field, UNKNOWN_FIELD);
    const { difference, field } = differenceOf(growing(1_000), 'a6', 6_000, GROUND);
    expect([difference, field.stopped?.digests]).toEqual(['stopped', ['a6', 'b5']]);
    expect(differs(growing(1_000, 5), 'a5', 5_000)).toBe('differs');
    expect(differs(growing(OSCILLATION_MS / 6), 'a6', OSCILLATION_MS)).toBe('differs');
    const unanswered = Array.from({ length: 12 }, (_, round) => round).reduce((field, round) => confirmed(field, `a${round}`, round), UNKNOWN_FIELD);
    expect(differs(unanswered, 'b', 20)).toBe('differs');
  });
});

describe('a value that the system had before', () => {
  const known = confirmed(UNKNOWN_FIELD, 'a', 1);
  /** It says b of 51, of before or after what we wrote, and we write that. */
  const over = (field: SyncField): SyncField => confirmed(hear(field, 'b', 51, 4).field, 'b', 5);

  it.each<[string, SyncField, number, string]>([
    ['the echo of our write, told after an edit that crossed it', over(known), 52, 'unclear'],
    ['the echo of the second of two writes of it, with an edit between', over(confirmed(hear(known, 'a', 50, 2).field, 'a', 3)), 52, 'unclear'],
    ['gone back to after our one write of it was told of', over(hear(known, 'a', 50, 2).field), 52, 'edit'],
    ['gone back to while another write of ours is on its way', write(over(hear(known, 'a', 50, 2).field), 'c', 6), 52, 'edit'],
    ['gone back to after a later write of ours was told of', hear(confirmed(over(known), 'c', 6), 'c', 53, 7).field, 54, 'edit'],
    ['of before what the system has said', over(known), 50, 'echo'],
  ])('is told: %s', (_, field, at, heard) => {
    const outcome = hear(field, 'a', at, 8);
    expect(outcome.heard).toBe(heard);
    expect(differs(outcome.field, 'b', 9)).toBe(at === 50 ? 'same' : 'differs');
  });

  it('and that we have written since is told of once more: nothing is sure to be later before that', () => {
    const again = confirmed(hear(hear(known, 'a', 50, 2).field, 'b', 51, 3).field, 'b', 4);
    expect(hear(again, 'x', 52, 5).field.held).toBeNull();
    expect(hear(hear(again, 'b', 52, 5).field, 'x', 53, 6).field.held).toBe('x');
  });

  it('is looked at again where the echo of our last write comes after a word that was taken for a later edit', () => {
    const late = hear(confirmed(known, 'b', 2), 'a', 50, 3 + ECHO_MS).field;
    const { heard, field } = hear(late, 'b', 51, 4 + ECHO_MS);
    expect([late.held, heard, field.held, differs(field, 'a', 5 + ECHO_MS)]).toEqual(['a', 'unclear', 'b', 'differs']);
  });

  it('is told of by the earliest of our writes that it may be', () => {
    const twice = confirmed(over(known), 'a', 6);
    const { field, heard } = hear(twice, 'a', 52, 7);
    expect([heard, field.writes?.map(({ digest, saidAt }) => [digest, saidAt])]).toEqual(['echo', [['a', undefined], ['b', undefined], ['a', 52]]]);
    expect(hear(field, 'x', 53, 8).field.held).toBeNull();
    expect(hear(hear(field, 'a', 53, 8).field, 'x', 54, 9).field.held).toBe('x');
  });
});

describe('what histories have found', () => {
  it('a word that may be of before the system had to forget the person tells of no write since', () => {
    const known = confirmed(confirmed(forgottenField(confirmed(UNKNOWN_FIELD, 'a', 1), 2), 'b', 3), 'a', 4);
    const { heard, field } = hear(known, 'a', 50, 5);
    expect([heard, field.writes?.map(({ saidAt }) => saidAt)]).toEqual(['echo', [undefined, undefined]]);
    expect(hear(field, 'b', 52, 6).heard).not.toBe('edit');
    // It may be what those have said who began the contact anew: something may be there, which is to be emptied where there is nothing here.
    expect(hear(forgottenField(confirmed(UNKNOWN_FIELD, 'a', 1), 2), 'a', 50, 3)).toMatchObject({ heard: 'unclear', field: { held: null, turns: [{ digest: 'a', by: 'maybe' }] } });
  });

  it('what is tried again and again pushes out nothing that the system may tell of still', () => {
    const tried = Array.from({ length: 9 }).reduce<SyncField>((field, _, index) => settleWrite(write(field, 'a', index + 3), `d${index + 3}`, 'unclear'), confirmed(confirmed(UNKNOWN_FIELD, 'a', 1), 'b', 2));
    expect(tried.writes?.map(({ digest, at }) => [digest, at])).toEqual([['a', 11], ['a', 3], ['b', 2], ['a', 1]]);
    // Nor is one of many others, while the system may tell of it; what it was to tell of before is forgotten then.
    const many = ['c', 'd', 'e', 'f', 'g', 'h'].reduce<SyncField>((field, digest, index) => confirmed(field, digest, index + 20), tried);
    expect(hear(many, 'b', 50, 30).heard).not.toBe('edit');
    expect(write(many, 'x', 21 + ECHO_MS).writes?.map(({ digest }) => digest)).toEqual(['x', 'h', 'g', 'f', 'e', 'd']);
    expect([hear(tried, 'a', 50, 12).heard, hear(hear(tried, 'a', 50, 12).field, 'b', 51, 13).heard]).not.toContain('edit');
  });

  it('a value that we tried to write before is an edit of theirs while another of ours is on its way', () => {
    const refused = settleWrite(hear(write(UNKNOWN_FIELD, 'a', 1), 'c', 2).field, 'd1', 'refused');
    const { heard, field } = hear(write(refused, 'c', 3), 'a', 4);
    expect(heard).not.toBe('echo');
    expect(differs(settleWrite(field, 'd3', 'arrived'), 'c', 5)).toBe('differs');
  });

  it('a value may have arrived by a request that was not answered, also when it is sent again and refused', () => {
    const unclear = settleWrite(write(UNKNOWN_FIELD, 'a', 1), 'd1', 'unclear');
    expect(hear(settleWrite(write(unclear, 'a', 2), 'd2', 'refused'), 'a', 3).heard).not.toBe('edit');
    expect(hear(settleWrite(write(UNKNOWN_FIELD, 'a', 2), 'd2', 'refused'), 'a', 3).heard).toBe('edit');
  });

  it('what a list shows counts as held, whatever was thought, unless a write is on its way', () => {
    const field = seenToHold(confirmed(UNKNOWN_FIELD, 'a', 1), 'b', 2);
    expect([differs(field, 'b'), differs(field, 'a')]).toEqual(['same', 'differs']);
    expect(differs(settleWrite(seenToHold(write(field, 'c', 3), 'b', 4), 'd3', 'arrived'), 'c', 5)).toBe('differs');
    expect(differs(heldOtherwise(field), 'b')).toBe('differs');
  });
});
