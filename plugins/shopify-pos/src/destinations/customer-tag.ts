import { defineDestination, isolateFailures, text, type JsonObject, type MemberPage, type SendResult } from '@firsthand/plugin-sdk';
import type { ShopifyContext } from '../admin/call-shopify.js';
import { callFields, type FieldCall } from '../admin/call-fields.js';
import { changeEach } from '../admin/change-each.js';
import { findCustomers, MAX_CUSTOMERS } from '../admin/find-customers.js';
import { readConnection } from '../admin/read-connection.js';
import { customerNumber, ownIds, WHO, whoFields, type Who } from '../admin/who.js';
import { writeCustomers } from '../admin/write-customers.js';
import { isObject } from '../is-object.js';
import { settings } from '../settings.js';
import { ERASE_TOLD_WITHIN_DAYS, eraseCustomers } from './erase-customers.js';

type Member = Who & { tag?: string };
const PAGE = 250;

/** Mirrors a segment in a tag of customers, which the shop's own segments, discounts and flows read. */
export const customerTag = defineDestination(settings, {
  label: 'Customer tag',
  description: 'Puts a tag on customers and takes it off; their other tags stay. Someone the shop does not know is made a customer that has an email or phone alone.',
  accepts: 'membership',
  suggests: { purpose: 'marketing', recipient: 'processor' },
  idempotency: 'natural',
  fields: {
    ...whoFields,
    // Shopify divides tags at commas, and holds them to 255 characters.
    tag: text('Tag', { required: true, pattern: '^[^,\\s](?:[^,]{0,253}[^,\\s])?$', example: 'vip', description: 'Without a comma; capitals do not count.' }),
  },
  ownIds,
  identifiers: [...WHO, 'tag'],
  audience: ['tag'],
  maxBatchSize: MAX_CUSTOMERS,
  addMembers: ({ items, ...context }) => isolateFailures(items, async (some) => {
    const ids = await writeCustomers(context, some.map(({ payload }) => ({ who: payload, data: {} })));
    return changeTags(context, 'tagsAdd', ids, some);
  }),
  removeMembers: ({ items, ...context }) => isolateFailures(items, async (some) => changeTags(context, 'tagsRemove', await findCustomers(context, some.map(({ payload }) => payload)), some)),
  listMembers: ({ audience: { tag = '' }, cursor, ...context }) => listTagged(context, tag, cursor),
  erase: eraseCustomers,
  eraseToldWithinDays: ERASE_TOLD_WITHIN_DAYS,
});

/** Who is not there has no tag. */
function changeTags(context: ShopifyContext, field: 'tagsAdd' | 'tagsRemove', ids: readonly (string | null | Error)[], items: readonly { payload: Member }[]): Promise<SendResult[]> {
  return changeEach(context, ids, (id, index) => ({
    field, args: { id: { type: 'ID!', value: id }, tags: { type: '[String!]!', value: [items[index]?.payload.tag ?? ''] } }, select: '{ node { id } userErrors { field } }',
  }), 'the tag');
}

/** One page of the customers with a tag, each under all that a member may have been sent under. */
async function listTagged(context: ShopifyContext, tag: string, cursor: string | null): Promise<MemberPage<Member>> {
  const page: FieldCall = {
    field: 'customers',
    args: { first: { type: 'Int!', value: PAGE }, after: { type: 'String', value: cursor }, query: { type: 'String!', value: `tag:${quoted(tag)}` } },
    select: '{ nodes { id defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } pageInfo { hasNextPage endCursor } }',
  };
  const [answer] = await callFields(context, 'query', [page]);
  if (answer instanceof Error) throw answer;
  const { nodes, next } = readConnection(answer);
  return { members: nodes.flatMap((node) => namesOf(node, context.settings.shop)), next };
}

/** A value of Shopify's search syntax: within quotes nothing of it is read as syntax. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** The keys are those under which a membership is kept: whichever of the three were known when it was sent. */
function namesOf({ id, defaultEmailAddress: address, defaultPhoneNumber: number }: JsonObject, shop: string): Member[] {
  const customerId = customerNumber(id);
  const names: Member[] = [
    ...(customerId === undefined ? [] : [{ customerId: `shopify:${shop}:${customerId}` }]),
    ...(isObject(address) && typeof address.emailAddress === 'string' ? [{ matchEmail: address.emailAddress.toLowerCase() }] : []),
    ...(isObject(number) && typeof number.phoneNumber === 'string' ? [{ matchPhone: number.phoneNumber }] : []),
  ];
  return names.reduce<Member[]>((some, name) => [...some, name, ...some.map((other) => ({ ...other, ...name }))], []);
}
