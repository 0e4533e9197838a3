import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new token that opens one thing once. Only its hash is stored. */
export interface NewAccountToken {
  /** What the link carries: the workspace, the id and the secret. */
  token: string;
  id: string;
  /** SHA-256 of the secret, hex. */
  hash: string;
}

/** What a token says of itself. */
export interface ReadAccountToken {
  workspaceId: string;
  id: string;
  hash: string;
}

/**
 * Makes a token of 32 random bytes.
 *
 * @example const { token, id, hash } = newAccountToken('main');
 */
export function newAccountToken(workspaceId: string): NewAccountToken {
  const [id, secret] = [randomBytes(12).toString('base64url'), randomBytes(32).toString('base64url')];
  return { token: [Buffer.from(workspaceId).toString('base64url'), id, secret].join('.'), id, hash: hash('sha256', secret) };
}

/** Reads a token; null for a text that can be none. */
export function readAccountToken(token: string): ReadAccountToken | null {
  const [, workspace, id, secret] = /^([\w-]{1,150})\.([\w-]{16})\.([\w-]{43})$/.exec(token) ?? [];
  if (workspace === undefined || id === undefined || secret === undefined) return null;
  return { workspaceId: Buffer.from(workspace, 'base64url').toString('utf8'), id, hash: hash('sha256', secret) };
}

/** Compares two hashes in a time that says nothing of where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
