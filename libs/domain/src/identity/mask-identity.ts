import type { Identity } from '../canonical/canonical-record.js';

/**
 * What a person without the right to read personal data may see of an identity: enough to recognise, too little to contact.
 *
 * @example maskIdentity({ namespace: 'phone', value: '+8613812345678' }) // '138****5678'
 * @example maskIdentity({ namespace: 'email', value: 'ana@example.com' }) // 'a***@example.com'
 */
export function maskIdentity({ namespace, value }: Identity): string {
  if (namespace === 'phone') return maskPhone(value);
  if (namespace === 'email' || namespace === 'mailbox') return maskEmail(value);
  return maskText(value);
}

/** Masks an E.164 number; a Chinese mobile is shown as people write it, without +86. */
export function maskPhone(phone: string): string {
  const digits = /^\+86(1\d{10})$/.exec(phone)?.[1] ?? phone;
  return digits.length < 8 ? '****' : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

/** Masks the mailbox and keeps the domain. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 1 ? '***' : `${[...email][0]}***${email.slice(at)}`;
}

/** Masks any other value: its first two and last two characters when it is long enough to stay unknown. */
export function maskText(text: string): string {
  return text.length < 8 ? '***' : `${text.slice(0, 2)}***${text.slice(-2)}`;
}
