import { defineDestination, InvalidCredentials, InvalidPayload, isolateFailures, text, type SendResult } from '@firsthand/plugin-sdk';
import { callGraph, type GraphContext } from './call-graph.js';
import { hashIdentity, type IdentityKind } from './hash-identity.js';
import { settings } from './settings.js';

interface Person {
  email?: string;
  phone?: string;
  externalId?: string;
  firstName?: string;
  lastName?: string;
  city?: string;
  country?: string;
}

/** Meta's name of each column, and how it is hashed. A name or a city alone points at nobody. */
const COLUMNS: readonly { key: keyof Person; name: string; kind: IdentityKind; isStrong: boolean }[] = [
  { key: 'externalId', name: 'EXTERN_ID', kind: 'externalId', isStrong: true },
  { key: 'email', name: 'EMAIL', kind: 'email', isStrong: true },
  { key: 'phone', name: 'PHONE', kind: 'phone', isStrong: true },
  { key: 'firstName', name: 'FN', kind: 'name', isStrong: false },
  { key: 'lastName', name: 'LN', kind: 'name', isStrong: false },
  { key: 'city', name: 'CT', kind: 'city', isStrong: false },
  { key: 'country', name: 'COUNTRY', kind: 'country', isStrong: false },
];

/** One person's hashes, in the order of the columns; empty where there is none, as Meta asks for. */
type Row = readonly string[];

/** Mirrors a segment in a custom audience of the customer file kind. Everything sent is a hash. */
export const customAudience = defineDestination(settings, {
  label: 'Custom audience',
  description: 'Adds people to a custom audience and takes them out.',
  accepts: 'membership',
  suggests: { purpose: 'advertising', recipient: 'third-party' },
  channel: 'ads',
  idempotency: 'natural',
  fields: {
    email: text('Email', { from: '{{default profile.email identities.email}}' }),
    phone: text('Phone', { from: '{{default profile.phone identities.phone}}', description: 'With the country code.' }),
    externalId: text('External ID', { from: '{{default identities.userId identities.memberNo identities.customerId}}' }),
    firstName: text('First name', { from: '{{profile.firstName}}' }),
    lastName: text('Last name', { from: '{{profile.lastName}}' }),
    city: text('City', { from: '{{profile.city}}' }),
    country: text('Country', { from: '{{profile.country}}', description: 'ISO 3166-1 alpha-2.' }),
  },
  identifiers: ['email', 'phone', 'externalId'],
  // Meta's limit for one request.
  maxBatchSize: 10_000,
  addMembers: ({ items, ...context }) => changeMembers(context, 'POST', items),
  removeMembers: ({ items, ...context }) => changeMembers(context, 'DELETE', items),
  // What Meta holds of a person from here is the membership.
  erase: ({ items, ...context }) => changeMembers(context, 'DELETE', items),
});

/**
 * Adds or removes hashed rows. Meta counts invalid rows without naming them, so a request with some is sent again in halves; adding or removing
 * twice changes nothing.
 *
 * @throws what {@link callGraph} throws, when it concerns all; InvalidCredentials without an audience.
 */
async function changeMembers(context: GraphContext, method: 'POST' | 'DELETE', items: readonly { payload: Person }[]): Promise<SendResult[]> {
  const { customAudienceId } = context.settings;
  if (customAudienceId === undefined) throw new InvalidCredentials('The connection names no custom audience ID.');
  const rows = items.map(({ payload }) => COLUMNS.map(({ key, kind }) => hashIdentity(kind, payload[key]) ?? ''));
  const known = rows.filter(isSomebody);
  const sent = known.length === 0 ? [] : await isolateFailures(known, async (some) => {
    const answer = await callGraph(context, method, `/${customAudienceId}/users`, { payload: toPayload(some) });
    if (answer.num_invalid_entries !== 0) throw new InvalidPayload('Meta found an invalid entry.');
    return some.map(() => ({ ok: true }));
  });
  const results = sent.values();
  return rows.map((row) =>
    isSomebody(row) ? (results.next().value as SendResult) : { ok: false, error: new InvalidPayload('There is no email, phone or external ID to match by.') });
}

/** Only the columns that somebody has. */
function toPayload(rows: readonly Row[]): { schema: string[]; data: string[][] } {
  const used = COLUMNS.map((_, column) => rows.some((row) => row[column] !== ''));
  return { schema: COLUMNS.filter((_, column) => used[column]).map(({ name }) => name), data: rows.map((row) => row.filter((_, column) => used[column])) };
}

function isSomebody(row: Row): boolean {
  return row.some((hash, column) => hash !== '' && COLUMNS[column]?.isStrong === true);
}
