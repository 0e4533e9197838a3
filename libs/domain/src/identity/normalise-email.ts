/** An address as people have it: no quoted local part, no comment, no bare host. Shared with the dictionary's schema. */
export const EMAIL_PATTERN = /^[^\s@"<>(),:;\\[\]]+@(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}$/u;

/**
 * Normalises an email address: trimmed and lower-cased. Gives null when it is none (RFC 5321 section 4.5.3.1: at most 254 octets).
 *
 * @example normaliseEmail(' Ana@Example.com ') // 'ana@example.com'
 */
export function normaliseEmail(text: string): string | null {
  const email = text.trim().toLowerCase();
  return email.length <= 254 && EMAIL_PATTERN.test(email) ? email : null;
}
