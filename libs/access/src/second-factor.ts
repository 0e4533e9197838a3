import { hash, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';

/** Clocks of telephones go wrong by as much. */
const TOLERANCE_SECONDS = 30;
const RECOVERY_CODES = 10;

/** What an authenticator app is told, as text and as the address that its camera reads. */
export interface NewSecondFactor {
  /** 20 random bytes, base32. */
  secret: string;
  otpauthUrl: string;
}

/** Makes the secret of a time-based one-time password (RFC 6238: SHA-1, six digits, 30 seconds, which every app knows). */
export function newSecondFactor(issuer: string, account: string): NewSecondFactor {
  const secret = generateSecret();
  return { secret, otpauthUrl: generateURI({ issuer, label: account, secret }) };
}

/**
 * The time step of a code that is right now, or 30 seconds ago or ahead; null for a wrong one, and for one of a step that was used already (RFC 6238, section 5.2).
 *
 * @param given.lastStep the step of the last code that was taken; `now` epoch ms
 * @example const step = matchCode({ secret, code, now: Date.now(), lastStep: -1 });
 */
export function matchCode({ secret, code, now, lastStep }: { secret: string; code: string; now: number; lastStep: number }): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const result = verifySync({ secret, token: code, epoch: Math.floor(now / 1_000), epochTolerance: TOLERANCE_SECONDS });
  // Compared here: the library takes no step that is ahead of now, as that of a telephone whose clock is fast.
  return result.valid && 'timeStep' in result && result.timeStep > lastStep ? result.timeStep : null;
}

/** Codes for who has lost their telephone, each good once: 80 random bits, and their hashes to be stored. */
export function newRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => randomBytes(10).toString('hex').replace(/(.{5})(?=.)/g, '$1-'));
  return { codes, hashes: codes.map(hashRecoveryCode) };
}

/** SHA-256, hex: the code is random enough for it. */
export function hashRecoveryCode(code: string): string {
  return hash('sha256', code.trim().toLowerCase());
}
