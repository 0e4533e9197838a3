import { InvalidPayload, RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';
import { callFields, type FieldCall } from './call-fields.js';
import type { ShopifyContext } from './call-shopify.js';
import { findCustomers } from './find-customers.js';
import { readPayload } from './read-payload.js';
import type { Who } from './who.js';

/** What a customer is given. Null empties a field; one that is not there stays as it is. */
export type CustomerData = Partial<Record<'email' | 'phone' | 'firstName' | 'lastName' | 'locale' | 'note', string | null>>;

/** Somebody to make or change. */
export interface CustomerInput {
  who: Who;
  data: CustomerData;
  /** The address that somebody must have to be made, where one of the two would not do. */
  needs?: 'email' | 'phone';
}

/**
 * Makes or changes customers: one request finds them, one writes. Who is not there is made, under their email or else their phone, as an upsert by that: two that make the same customer at
 * a time meet in it. Who is there and is given nothing is left alone. Gives the global id of each, or the error that its delivery ends with.
 *
 * @throws what callShopify throws, when it concerns all.
 */
export async function writeCustomers(context: ShopifyContext, inputs: readonly CustomerInput[]): Promise<(string | Error)[]> {
  const found = await findCustomers(context, inputs.map(({ who }) => who));
  const calls = inputs.map((input, index) => toCall(input, found[index] ?? null));
  const made = calls.filter((call) => typeof call === 'object' && 'field' in call);
  const answers = await callFields(context, 'mutation', made);
  return calls.map((call) => (typeof call === 'string' || call instanceof Error ? call : readCustomer(answers[made.indexOf(call)] ?? null)));
}

/** The call that writes; the id of somebody who is left alone; or why nobody can be written. */
function toCall({ who, data, needs }: CustomerInput, found: string | null | Error): FieldCall | string | Error {
  if (found instanceof Error) return found;
  if (found !== null) return Object.keys(data).length === 0 ? found : setCall({ id: found }, data);
  const addresses = { email: data.email === undefined ? who.matchEmail : data.email, phone: data.phone === undefined ? who.matchPhone : data.phone };
  const by = needs ?? (typeof addresses.email === 'string' ? 'email' : 'phone');
  const address = addresses[by];
  if (typeof address !== 'string') return new InvalidPayload(`The shop does not have the customer, and without ${needs === undefined ? 'an email or phone' : `the ${needs}`} it can make none.`);
  return setCall({ [by]: address }, { ...data, [by]: address });
}

function setCall(identifier: JsonObject, input: JsonObject): FieldCall {
  const args = { identifier: { type: 'CustomerSetIdentifiers', value: identifier }, input: { type: 'CustomerSetInput!', value: input } };
  return { field: 'customerSet', args, select: '{ customer { id } userErrors { field code } }' };
}

function readCustomer(answer: JsonValue | Error): string | Error {
  const payload = readPayload(answer, 'the customer');
  if (payload instanceof Error) return payload;
  return isObject(payload.customer) && typeof payload.customer.id === 'string' ? payload.customer.id : new RetryableError('Shopify did not say which customer it wrote.');
}
