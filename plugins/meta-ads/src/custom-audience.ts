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

/** Meta's name of each column, and how it is hashed. */
const COLUMNS: readonly { key: keyof Person; name: string; kind: IdentityKind }[] = [
  { key: 'externalId', name: 'EXTERN_ID', kind: 'externalId' },
  { key: 'email', name: 'EMAIL', kind: 'email' },
  { key: 'phone', name: 'PHONE', kind: 'phone' },
  { key: 'firstName', name: 'FN', kind: 'name' },
  { key: 'lastName', name: 'LN', kind: 'name' },
  { key: 'city', name: 'CT', kind: 'city' },
  { key: 'country', name: 'COUNTRY', kind: 'country' },
];

/** A name or a city alone points at nobody. */
const STRONG: readonly (keyof Person)[] = ['externalId', 'email', 'phone'];

/** Mirrors a segment in a custom audience of the customer file kind. Everything sent is a hash. */
export const customAudience = defineDestination(settings, {
  label: 'Custom audience',
  description: 'Adds people to a custom audience and takes them out.',
  accepts: 'membership',
  suggests: { purpose: 'advertising', recipient: 'third-party' },
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
  const people = items.map(({ payload }) => payload);
  const known = people.filter(isSomebody);
  const sent = known.length === 0 ? [] : await isolateFailures(known, async (some) => {
    const columns = COLUMNS.filter(({ key, kind }) => some.some((person) => hashIdentity(kind, person[key]) !== undefined));
    const data = some.map((person) => columns.map(({ key, kind }) => hashIdentity(kind, person[key]) ?? ''));
    const answer = await callGraph(context, method, `/${customAudienceId}/users`, { payload: { schema: columns.map(({ name }) => name), data } });
    if (answer.num_invalid_entries !== 0) throw new InvalidPayload('Meta found an invalid entry.');
    return some.map(() => ({ ok: true }));
  });
  const results = sent.values();
  return people.map((person) =>
    isSomebody(person) ? (results.next().value as SendResult) : { ok: false, error: new InvalidPayload('There is no email, phone or external ID to match by.') });
}

function isSomebody(person: Person): boolean {
  return COLUMNS.some(({ key, kind }) => STRONG.includes(key) && hashIdentity(kind, person[key]) !== undefined);
}
