import { moveStanding, newStanding } from './move-standing.js';
import type { WindowVerdict } from './judge-window.js';

const MINUTE_MS = 60_000;
const alert = { connectionId: 'ops', coolDownMinutes: 60 };

/** What is told minute by minute; `.` is nothing. */
function play(statuses: string, told = alert as typeof alert | null): string {
  const verdicts: Record<string, WindowVerdict['status']> = { f: 'failing', p: 'passing', u: 'unknown' };
  let standing = newStanding(0);
  return [...statuses].map((letter, minute) => {
    const moved = moveStanding(standing, { status: verdicts[letter] ?? 'unknown' }, { now: minute * MINUTE_MS, alert: told });
    standing = moved.standing;
    return moved.tidings?.[0] ?? '.';
  }).join('');
}

it.each([
  ['a failure once, and its recovery once', 'pfffpp', '.f..r.'],
  ['what fails from the start', 'ffp', 'f.r'],
  ['nothing where there is too little to say, which ends no failure', 'fuuuf', 'f....'],
  ['a recovery after too little to say', 'fuup', 'f..r'],
  ['no second failure within the cool-down', 'fpfpfp', 'fr....'],
])('tells %s', (_, statuses, expected) => {
  expect(play(statuses)).toBe(expected);
});

it('tells what still fails when the cool-down is over, to the minute', () => {
  expect(play(`fp${'f'.repeat(60)}p`)).toBe(`fr${'.'.repeat(58)}f.r`);
});

it('tells nobody where there is nobody to tell, and who comes later is told of what fails', () => {
  expect(play('fpf', null)).toBe('...');
  const failing = moveStanding(newStanding(0), { status: 'failing' }, { now: 0, alert: null });
  expect(moveStanding(failing.standing, { status: 'failing' }, { now: MINUTE_MS, alert })).toEqual({ standing: { status: 'failing', since: 0, isTold: true, toldAt: MINUTE_MS }, tidings: 'failing' });
});
