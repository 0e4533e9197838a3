import type { Identity } from '../canonical/canonical-record.js';
import { MAILBOX } from './namespaces.js';

/** How a provider reads the part of an address before the `@`. */
interface MailboxRule {
  hosts: readonly string[];
  /** The host that all of them are written as. */
  host: string;
  /** Whether dots in the mailbox's name mean nothing. */
  ignoresDots: boolean;
}

/** What follows a `+` names no other mailbox at any of them (RFC 5233 calls it the detail). */
const RULES = {
  gmail: { hosts: ['gmail.com', 'googlemail.com'], host: 'gmail.com', ignoresDots: true },
  outlook: { hosts: ['outlook.com', 'hotmail.com', 'live.com'], host: '', ignoresDots: false },
  icloud: { hosts: ['icloud.com', 'me.com', 'mac.com'], host: 'icloud.com', ignoresDots: false },
  fastmail: { hosts: ['fastmail.com', 'fastmail.fm'], host: '', ignoresDots: false },
} as const satisfies Record<string, MailboxRule>;

export type MailboxProvider = keyof typeof RULES;

/** Providers by whose rules several spellings of an address are one mailbox. */
export const MAILBOX_PROVIDERS = Object.keys(RULES) as [MailboxProvider, ...MailboxProvider[]];

const BY_HOST: ReadonlyMap<string, MailboxRule & { provider: MailboxProvider }> = new Map(
  MAILBOX_PROVIDERS.flatMap((provider) => RULES[provider].hosts.map((host) => [host, { ...RULES[provider], provider }] as const)),
);

/**
 * The mailbox that an address leads to by its provider's rules, as an identity of its own that is only matched by: the address itself stays as the person wrote it, and is what is sent.
 *
 * @param identity normalised
 * @returns undefined for what is no address, or of a provider that is not among them
 * @example mailboxOf({ namespace: 'email', value: 'a.na+shop@googlemail.com' }, new Set(['gmail'])) // { namespace: 'mailbox', value: 'ana@gmail.com' }
 */
export function mailboxOf({ namespace, value }: Identity, providers: ReadonlySet<MailboxProvider>): Identity | undefined {
  if (namespace !== 'email') return undefined;
  const at = value.lastIndexOf('@');
  const host = value.slice(at + 1);
  const rule = BY_HOST.get(host);
  if (rule === undefined || !providers.has(rule.provider)) return undefined;
  const [name = ''] = value.slice(0, at).split('+', 1);
  const mailbox = rule.ignoresDots ? name.replaceAll('.', '') : name;
  return mailbox === '' ? undefined : { namespace: MAILBOX.name, value: `${mailbox}@${rule.host === '' ? host : rule.host}` };
}

const EVERY_PROVIDER: ReadonlySet<MailboxProvider> = new Set(MAILBOX_PROVIDERS);

/**
 * The mailboxes that go along with addresses which are taken from a person: those to which no address leads that they keep.
 *
 * @example mailboxesLeft([{ namespace: 'email', value: 'a.na@gmail.com' }], []) // [{ namespace: 'mailbox', value: 'ana@gmail.com' }]
 */
export function mailboxesLeft(gone: readonly Identity[], kept: readonly Identity[]): Identity[] {
  const valuesOf = (identities: readonly Identity[]): string[] => identities.flatMap((identity) => mailboxOf(identity, EVERY_PROVIDER)?.value ?? []);
  const still = new Set(valuesOf(kept));
  return [...new Set(valuesOf(gone))].filter((value) => !still.has(value)).map((value) => ({ namespace: MAILBOX.name, value }));
}

/** Whether an address leads to a mailbox, by the rules of any provider. */
export function leadsTo(email: Identity, mailbox: Identity): boolean {
  return mailboxOf(email, EVERY_PROVIDER)?.value === mailbox.value;
}
