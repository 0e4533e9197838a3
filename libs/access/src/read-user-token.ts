import { FirsthandError } from '@firsthand/domain';
import { decodeJwt, decodeProtectedHeader } from 'jose';

/** What a user token says of itself. Nothing of it is proven before its signature is. */
export interface ReadUserToken {
  /** All that `aud` names, each once. */
  connectionIds: readonly string[];
  keyId: string;
  sub: string;
  ns: string | undefined;
  iat: number;
  exp: number;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isSeconds = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isLeftOut = (value: unknown): boolean => value === undefined;

/** What each that is read has to be: a server signs whatever it is told to, a number for an id too, and who wrote it is to see which one it was. */
const RULES: readonly { name: string; holds(value: unknown): boolean; words: string }[] = [
  { name: 'kid', holds: isText, words: '`kid` in its header has to be a string, the id of the key.' },
  { name: 'aud', holds: (value) => isText(value) || (Array.isArray(value) && value.every(isText)), words: '`aud` has to be a string, or a list of strings.' },
  { name: 'sub', holds: (value) => isText(value) && value !== '', words: '`sub` has to be a string that is not empty, as by String(user.id).' },
  { name: 'ns', holds: (value) => isLeftOut(value) || isText(value), words: '`ns` has to be a string, where it is there.' },
  { name: 'iat', holds: isSeconds, words: '`iat` has to be a number, of seconds since 1970.' },
  { name: 'exp', holds: isSeconds, words: '`exp` has to be a number, of seconds since 1970.' },
  { name: 'nbf', holds: (value) => isLeftOut(value) || isSeconds(value), words: '`nbf` has to be a number, of seconds since 1970, where it is there.' },
];

/**
 * Reads what a JWT (RFC 7519 §4.1) says, each claim of the type that it has to be.
 *
 * @throws FirsthandError `UNAUTHENTICATED`, with the first that is of another
 * @example readUserToken(token).keyId // 'k1'
 */
export function readUserToken(token: string): ReadUserToken {
  const claims: Record<string, unknown> = decoded(token);
  const wrong = RULES.find(({ name, holds }) => !holds(claims[name]));
  if (wrong !== undefined) throw userTokenRefusal(wrong.words);
  const { kid, aud, ...said } = claims as unknown as Omit<ReadUserToken, 'connectionIds' | 'keyId'> & { kid: string; aud: string | string[] };
  return { ...said, keyId: kid, connectionIds: [...new Set([aud].flat())] };
}

/** A user token is not taken, and why. */
export function userTokenRefusal(detail: string): FirsthandError {
  return new FirsthandError('UNAUTHENTICATED', `The user token is not taken. ${detail}`);
}

function decoded(token: string): Record<string, unknown> {
  try {
    return { ...decodeJwt(token), kid: decodeProtectedHeader(token).kid };
  } catch {
    throw userTokenRefusal('It is no JWT.');
  }
}
