import { hash, verify } from '@node-rs/argon2';
import { runAtMost } from './run-at-most.js';

/** Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet). The numeric id, since the enum is gone at run time. */
const ARGON2ID = 2;
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of the process's four threads for such work: the others go on inflating bodies and resolving names, however many strangers try to sign in. */
const inTurn = runAtMost(2);

/** Passwords are 12 to 200 characters: long ones would cost the server, not the attacker. */
export const PASSWORD_LENGTH = { min: 12, max: 200 } as const;

/**
 * Hashes a password with a salt of its own; the result carries its parameters (PHC string).
 *
 * @example user.passwordHash = await hashPassword(password)
 */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, OPTIONS));
}

let unknownAccountHash: Promise<string> | undefined;

/**
 * Whether a password belongs to a hash. Without a hash, as for an account that does not exist, the same work is done and the answer is false,
 * so that the time taken tells nothing.
 *
 * @example if (!(await verifyPassword(user?.passwordHash, password))) throw new FirsthandError('UNAUTHENTICATED')
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  unknownAccountHash ??= hashPassword('the password of nobody');
  const known = passwordHash ?? (await unknownAccountHash);
  const isRight = await inTurn(() => verify(known, password)).catch(() => false);
  return isRight && passwordHash !== undefined;
}
