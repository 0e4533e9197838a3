import { generateSync } from 'otplib';
import { hashRecoveryCode, matchCode, newRecoveryCodes, newSecondFactor } from './second-factor.js';

// RFC 6238, appendix B: the SHA-1 key is the ASCII text below; its eight digits end in these six.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
it.each([[59, '287082'], [1_111_111_109, '081804'], [1_234_567_890, '005924'], [20_000_000_000, '353130']])('takes the code of RFC 6238 at %d s', (seconds, code) => {
  expect(matchCode({ secret, code, now: seconds * 1_000, lastStep: -1 })).toBe(Math.floor(seconds / 30));
});

it('takes a code of a step beside, none of a step used already, and none from further away', () => {
  const now = 1_234_567_890_000;
  const step = Math.floor(now / 30_000);
  const at = (offset: number) => generateSync({ secret, epoch: now / 1_000 + offset });
  const match = (offset: number, lastStep = -1) => matchCode({ secret, code: at(offset), now, lastStep });
  expect([match(-30), match(0), match(30)]).toEqual([step - 1, step, step + 1]);
  expect([match(0, step), match(-30, step - 1), match(0, step - 1)]).toEqual([null, null, step]);
  expect([match(-90), match(90)]).toEqual([null, null]);
  for (const code of ['', '12345', '1234567', 'abcdef', '28708２']) expect(matchCode({ secret, code, now: 59_000, lastStep: -1 })).toBeNull();
});

it('makes secrets and recovery codes that differ each time', () => {
  const [one, other] = [newSecondFactor('Firsthand Main', 'ana@example.com'), newSecondFactor('Firsthand Main', 'ana@example.com')];
  expect(one.secret).not.toBe(other.secret);
  expect(new URL(one.otpauthUrl).searchParams.get('secret')).toBe(one.secret);
  const { codes, hashes } = newRecoveryCodes();
  expect([new Set(codes).size, hashes]).toEqual([10, codes.map(hashRecoveryCode)]);
  expect(hashRecoveryCode(` ${codes[0]?.toUpperCase() ?? ''} `)).toBe(hashes[0]);
});
