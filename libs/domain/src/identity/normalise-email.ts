import { domainToASCII } from 'node:url';

/** An address as people have it: no quoted local part, no comment, no bare host. Shared with the dictionary's schema. */
export const EMAIL_PATTERN = /^[^\s@"<>(),:;\\[\]]+@(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}$/u;
const MAX_BYTES = 254;
const HAS_OTHERS_THAN_ASCII = /[^\u0000-\u007f]/u;

/**
 * Normalises an email address: trimmed, lower-cased, in Unicode's form C, the domain as DNS has it (UTS 46), so that `例子.中国` and `xn--fsqu00a.xn--fiqs8s` are one. Gives null when it is none
 * (RFC 5321 section 4.5.3.1: at most 254 octets).
 *
 * @example normaliseEmail(' Ana@Example.com ') // 'ana@example.com'
 * @example normaliseEmail('ana@EXÄMPLE.com') // 'ana@xn--exmple-cua.com'
 */
export function normaliseEmail(text: string): string | null {
  const trimmed = text.trim();
  const email = HAS_OTHERS_THAN_ASCII.test(trimmed) ? spellAlike(trimmed) : trimmed.toLowerCase();
  return Buffer.byteLength(email) <= MAX_BYTES && EMAIL_PATTERN.test(email) ? email : null;
}

/** Without a domain where it has one that nobody can register. */
function spellAlike(text: string): string {
  const at = text.lastIndexOf('@');
  // What is composed may have a small letter that is not.
  const mailbox = text.slice(0, Math.max(at, 0)).normalize('NFC').toLowerCase().normalize('NFC');
  const domain = text.slice(at + 1);
  return `${mailbox}@${HAS_OTHERS_THAN_ASCII.test(domain) ? domainToASCII(domain) : domain.toLowerCase()}`;
}
