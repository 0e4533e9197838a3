import { RetryableError, type JsonObject, type JsonValue, type RecordPage } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';
import { callShopify, type ShopifyContext } from './call-shopify.js';
import { readConnection } from './read-connection.js';
import { customerNumber } from './who.js';

/** What a request may cost, at one point for each object that it asks for ("API limits"): a quarter of the bucket of the smallest plan, so that deliveries go on beside the list. */
const MAX_POINTS = 500;
const MAX_PAGE = 100;
/** A customer, their email address and their phone number. */
const OBJECTS = 3;
const METAFIELD = /^metafields\.([^.]+)\.([^.]+)$/;

/** Fields of the destination that are read when they are asked for, by their names in the body of a webhook. */
const TEXTS: ReadonlyMap<string, string> = new Map([['firstName', 'first_name'], ['lastName', 'last_name'], ['locale', 'locale'], ['note', 'note']]);

/**
 * One page of all customers as they are now, in the shape in which a webhook brings them, in the order of their ids: nobody is skipped or comes twice while customers change or are deleted. What
 * somebody is known by comes in any case, tags among it, which may hold the member number; else only what these fields of the destination ask for.
 *
 * @throws what {@link callShopify} throws; InvalidCredentials also where the shop hides a single field, for an empty value would pass for what it holds; RetryableError for an answer that is not what Shopify documents.
 */
export async function listCustomers({ cursor, fields, ...context }: ShopifyContext & { cursor: string | null; fields: readonly string[] }): Promise<RecordPage> {
  const { shop } = context.settings;
  const texts = [...TEXTS.keys()].filter((name) => fields.includes(name));
  const metafields = metafieldsOf(fields, context.settings);
  const variables: JsonObject = { first: Math.max(1, Math.min(MAX_PAGE, Math.floor(MAX_POINTS / (OBJECTS + metafields.length)))), after: cursor };
  const selected = metafields.map(({ namespace, key }, index) => {
    Object.assign(variables, { [`namespace${index}`]: namespace, [`key${index}`]: key });
    return `m${index}: metafield(namespace: $namespace${index}, key: $key${index}) { namespace key value }`;
  });
  const declared = ['$first: Int!', '$after: String', ...metafields.flatMap((_, index) => [`$namespace${index}: String!`, `$key${index}: String!`])];
  const select = ['id', 'createdAt', 'updatedAt', 'tags', 'defaultEmailAddress { emailAddress }', 'defaultPhoneNumber { phoneNumber }', ...texts, ...selected];
  const query = `query (${declared.join(', ')}) { customers(first: $first, after: $after, sortKey: ID) { nodes { ${select.join(' ')} } pageInfo { hasNextPage endCursor } } }`;
  const { data: { customers }, failures } = await callShopify(context, query, variables);
  const failure = failures.get('customers');
  if (failure !== undefined) throw failure;
  const { nodes, next } = readConnection(customers);
  return { records: nodes.map((node) => ({ topic: 'customers/update', webhookId: null, eventId: null, triggeredAt: null, shop, kind: 'customer', body: bodyOf(node, texts) })), next };
}

/** Those that are asked for, and the one that may hold the member number: it names the person. */
function metafieldsOf(fields: readonly string[], { memberNoFrom, memberNoKey = '' }: ShopifyContext['settings']): { namespace: string; key: string }[] {
  const names = new Set([...fields, ...(memberNoFrom === 'metafield' ? [`metafields.${memberNoKey}`] : [])]);
  return [...names].flatMap((name) => {
    const [, namespace, key] = METAFIELD.exec(name) ?? [];
    return namespace === undefined || key === undefined ? [] : [{ namespace, key }];
  });
}

/** What is not there is null, as in a webhook. */
function bodyOf(node: JsonObject, texts: readonly string[]): JsonObject {
  const { id, createdAt = null, updatedAt = null, tags, defaultEmailAddress: address, defaultPhoneNumber: number } = node;
  const customerId = customerNumber(id);
  if (customerId === undefined || !Array.isArray(tags)) throw new RetryableError('Shopify gave a customer that is none.');
  return {
    id: customerId, created_at: createdAt, updated_at: updatedAt, tags: tags.join(', '), email: textIn(address, 'emailAddress'), phone: textIn(number, 'phoneNumber'),
    ...Object.fromEntries(texts.map((name) => [TEXTS.get(name) ?? name, node[name] ?? null])),
    metafields: Object.entries(node).flatMap(([name, value]) => (/^m\d+$/.test(name) && isObject(value) ? [value] : [])),
  };
}

function textIn(object: JsonValue | undefined, name: string): JsonValue {
  return (isObject(object) ? object[name] : undefined) ?? null;
}
