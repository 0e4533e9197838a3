import { COPY_DECISIONS, DIFFERENT_REASONS, EXTRA_REASONS, MISSING_REASONS, repairOf, type CopyFinding } from './copy-finding.js';
import { lastNight, reconcileSettingsSchema } from './reconcile-settings.js';

const ALL: Pick<CopyFinding, 'kind' | 'reason'>[] = [
  ...DIFFERENT_REASONS.map((reason) => ({ kind: 'different' as const, reason })), ...MISSING_REASONS.map((reason) => ({ kind: 'missing' as const, reason })), ...EXTRA_REASONS.map((reason) => ({ kind: 'extra' as const, reason })),
];
const table = (decision: (typeof COPY_DECISIONS)[number]) => Object.fromEntries(ALL.map((finding) => [finding.reason === 'deleted-there' || finding.reason === 'stopped' ? `${finding.kind} ${finding.reason}` : finding.reason, repairOf(finding, decision)]));

describe('repairOf', () => {
  it('writes what we hold, and writes nobody whom the rule is not for', () => {
    expect(table('push-ours')).toEqual({
      'fields-differ': 'write', 'different stopped': 'none', 'missing stopped': 'none', 'different deleted-there': 'none', 'missing deleted-there': 'none', 'merged-there': 'none', 'write-pending': 'write', 'never-written': 'write', 'gone-there': 'write', unusable: 'none', 'unknown-here': 'none', erased: 'erase', 'no-consent': 'remove', 'not-in-condition': 'none', 'duplicate-there': 'none',
    });
  });

  it('takes in what they hold, and nobody back who refused or was erased', () => {
    expect(table('take-theirs')).toEqual({
      'fields-differ': 'take', 'different stopped': 'take', 'missing stopped': 'none', 'different deleted-there': 'take', 'missing deleted-there': 'none', 'merged-there': 'none', 'write-pending': 'none', 'never-written': 'none', 'gone-there': 'none', unusable: 'none', 'unknown-here': 'take', erased: 'erase', 'no-consent': 'remove', 'not-in-condition': 'none', 'duplicate-there': 'none',
    });
  });

  it('leaves all as it is, where somebody has decided so', () => expect(new Set(Object.values(table('leave')))).toEqual(new Set(['none'])));
});

describe('lastNight', () => {
  const berlin = { at: '03:00', timeZone: 'Europe/Berlin' };
  const at = (text: string): number => Date.parse(text);

  it.each([
    ['on the minute', '2026-03-01T02:00:00Z', '2026-03-01T02:00:00Z'],
    ['later that day', '2026-03-01T20:00:00Z', '2026-03-01T02:00:00Z'],
    ['a moment before the next', '2026-03-02T01:59:59Z', '2026-03-01T02:00:00Z'],
    ['after clocks were put forward over it', '2026-03-29T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['in a day of 25 hours', '2026-10-25T01:30:00Z', '2026-10-24T01:00:00Z'],
  ])('is the last one that has come: %s', (_, now, night) => expect(lastNight(berlin, 0, at(now))).toBe(at(night)));

  it('is none that was over when the setting was made', () => {
    expect(lastNight(berlin, at('2026-03-01T02:00:01Z'), at('2026-03-01T20:00:00Z'))).toBeNull();
    expect(lastNight(berlin, at('2026-03-01T02:00:01Z'), at('2026-03-02T02:00:00Z'))).toBe(at('2026-03-02T02:00:00Z'));
  });

  it('goes by settings that name a time of day', () => {
    expect(() => reconcileSettingsSchema.parse({ isNightly: true, at: '24:00', timeZone: 'UTC', repair: 'none' })).toThrow();
  });
});
