import { RetryableError, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';
import { callFields, type FieldCall } from './call-fields.js';
import type { ShopifyContext } from './call-shopify.js';
import { customerGid, type Who } from './who.js';

/** Customers per call: each is looked for in up to three ways at one point each, and written at ten; one request may cost 1,000 points ("API limits"). */
export const MAX_CUSTOMERS = 20;

const SELECT = '{ id defaultEmailAddress { emailAddress } }';

/**
 * Finds customers in one request: by the shop's id, else by email, else by phone, and by phone only where the customer found has no email or the same one: a number that a household
 * shares must not lead one person's data to another. An id is not trusted blindly: customers are merged and deleted, and the person is looked for again. Gives the
 * global id of each, null for who is not there, or the error that keeps it open.
 *
 * @throws what callShopify throws, when it concerns all.
 */
export async function findCustomers(context: ShopifyContext, people: readonly Who[]): Promise<(string | null | Error)[]> {
  const asked = people.map((who) => waysOf(who, context.settings.shop));
  const answers = await callFields(context, 'query', asked.flat());
  let at = 0;
  return asked.map((ways, index) => {
    const own = answers.slice(at, (at += ways.length));
    return firstFound(own, ways, people[index]?.matchEmail);
  });
}

function waysOf({ customerId, matchEmail, matchPhone }: Who, shop: string): FieldCall[] {
  const gid = customerGid(customerId, shop);
  const by = (name: string, value: string): FieldCall => ({ field: 'customerByIdentifier', args: { identifier: { type: 'CustomerIdentifierInput!', value: { [name]: value } } }, select: SELECT });
  return [
    ...(gid === undefined ? [] : [by('id', gid)]),
    ...(matchEmail === undefined ? [] : [by('emailAddress', matchEmail)]),
    ...(matchPhone === undefined ? [] : [by('phoneNumber', matchPhone)]),
  ];
}

function firstFound(answers: readonly (JsonValue | Error)[], ways: readonly FieldCall[], matchEmail: string | undefined): string | null | Error {
  for (const [index, answer] of answers.entries()) {
    if (answer instanceof Error) return answer;
    if (answer === null) continue;
    if (!isObject(answer) || typeof answer.id !== 'string') return new RetryableError('Shopify gave an answer without a customer.');
    if (!isByPhone(ways[index]) || isSameAddress(emailOf(answer), matchEmail)) return answer.id;
  }
  return null;
}

function isByPhone(way: FieldCall | undefined): boolean {
  const { identifier } = way?.args ?? {};
  return isObject(identifier?.value) && Object.hasOwn(identifier.value, 'phoneNumber');
}

/** A customer without an address contradicts none; nor does a person without one. */
function isSameAddress(theirs: string | null, ours: string | undefined): boolean {
  return theirs === null || ours === undefined || theirs.toLowerCase() === ours.toLowerCase();
}

function emailOf({ defaultEmailAddress: address }: { defaultEmailAddress?: JsonValue }): string | null {
  return isObject(address) && typeof address.emailAddress === 'string' ? address.emailAddress : null;
}
