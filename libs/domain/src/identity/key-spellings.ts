import { domainToUnicode } from 'node:url';
import { identityKey, parseIdentityKey } from './identity-key.js';

const MAY_DIFFER = /[^\u0000-\u007f]|xn--/u;

/**
 * The key of an identity, and how it was spelled by versions that took an address as it came: its domain in its own letters, letters with marks composed or not. What is stored under a digest cannot be spelled anew, so it is looked for under
 * each. Of most identities there is one.
 *
 * @example keySpellings('email|ana@xn--exmple-cua.com') // that, 'email|ana@exämple.com' and the same with the ä in two characters
 */
export function keySpellings(key: string): string[] {
  const { namespace, value } = parseIdentityKey(key);
  if (namespace !== 'email' || !MAY_DIFFER.test(value)) return [key];
  const at = value.lastIndexOf('@');
  const [mailbox, domain] = [value.slice(0, at), value.slice(at + 1)];
  const forms = (text: string): string[] => [text, text.normalize('NFC'), text.normalize('NFD')];
  const domains = [domain, ...forms(domainToUnicode(domain))];
  return [...new Set([key, ...forms(mailbox).flatMap((box) => domains.map((one) => identityKey({ namespace, value: `${box}@${one}` })))])];
}
