import type { FakeConsent, FakeCustomer, FakeShopifyCustomers, CustomerFields, Refusal } from './fake-shopify-customers.js';
import { FakeShopifyProblem, missingScope, notApproved, notApprovedField } from './fake-shopify-problem.js';

interface ConsentInput {
  marketingState: FakeConsent['state'] | 'REDACTED' | 'INVALID';
  marketingOptInLevel?: string | null;
  consentUpdatedAt?: string | null;
}

interface Metafield {
  ownerId: string;
  namespace?: string | null;
  key: string;
  type?: string | null;
  value: string;
}

/** Protected customer data of the second level. */
export type ProtectedField = 'name' | 'email' | 'phone';

/** What the shop is, besides its customers. */
export interface FakeShop {
  shop: string;
  scopes: readonly string[];
  /** What the app may read of customers; null where it may read no protected customer data. */
  approved: readonly ProtectedField[] | null;
  /** Types by `namespace.key`. */
  definitions: ReadonlyMap<string, string>;
  now(): number;
}

type Payload = Record<string, unknown> & { userErrors: Refusal[] };

const GID = 'gid://shopify/Customer/';
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The fields of the API's root over a shop's customers, for graphql's `rootValue`: each gets the arguments of its call. */
export function shopifyResolvers(customers: FakeShopifyCustomers, shop: FakeShop): Record<string, (args: never) => unknown> {
  /** What is read of a customer, as far as the app may read it. */
  const read = (field: string, customer: FakeCustomer | undefined): object | null => {
    if (!shop.scopes.includes('read_customers')) throw missingScope(field, 'read_customers');
    if (shop.approved === null) throw notApproved();
    return view(customer, shop.approved);
  };
  return {
    shop: () => ({ myshopifyDomain: shop.shop }),
    currentAppInstallation: () => ({ accessScopes: shop.scopes.map((handle) => ({ handle })) }),
    customer: ({ id }: { id: string }) => read('customer', customers.find({ id })),
    customerByIdentifier: ({ identifier: { id, emailAddress: email, phoneNumber: phone } }: { identifier: { id?: string; emailAddress?: string; phoneNumber?: string } }) => {
      if ([id, email, phone].filter((value) => value !== undefined).length !== 1) throw new TypeError('Exactly one identifier is needed');
      return read('customerByIdentifier', customers.find({ id, email, phone }));
    },
    customers: (args: PageArguments) => page(customers, args, (customer) => read('customers', customer)),
    customerSet: ({ input, identifier }: { input: CustomerFields & { id?: string }; identifier?: { id?: string; email?: string; phone?: string } }) => setCustomer(customers, input, identifier ?? {}),
    tagsAdd: ({ id, tags }: { id: string; tags: string[] }) => changeTags(customers, id, tags, 'add'),
    tagsRemove: ({ id, tags }: { id: string; tags: string[] }) => changeTags(customers, id, tags, 'remove'),
    customerEmailMarketingConsentUpdate: ({ input: { customerId, emailMarketingConsent } }: { input: { customerId: string; emailMarketingConsent: ConsentInput } }) =>
      setConsent(customers, 'email', customerId, emailMarketingConsent, shop.now()),
    customerSmsMarketingConsentUpdate: ({ input: { customerId, smsMarketingConsent } }: { input: { customerId: string; smsMarketingConsent: ConsentInput } }) =>
      setConsent(customers, 'sms', customerId, smsMarketingConsent, shop.now()),
    metafieldsSet: ({ metafields }: { metafields: Metafield[] }) => setMetafields(customers, metafields, shop.definitions),
    metafieldsDelete: ({ metafields }: { metafields: Omit<Metafield, 'value'>[] }) => {
      for (const { ownerId, namespace, key } of metafields) customers.find({ id: ownerId })?.metafields.delete(`${namespace ?? ''}.${key}`);
      return { userErrors: [] };
    },
    customerRequestDataErasure: ({ customerId }: { customerId: string }) => {
      const customer = customers.find({ id: customerId });
      if (customer === undefined) return refused({ customerId: null }, ['customerId'], 'DOES_NOT_EXIST', 'Customer does not exist');
      customers.toErase.add(customer.id);
      return { customerId, userErrors: [] };
    },
  };
}

function setCustomer(customers: FakeShopifyCustomers, { id: inputId, ...input }: CustomerFields & { id?: string }, identifier: { id?: string; email?: string; phone?: string }): Payload {
  const nobody = { customer: null };
  if (inputId !== undefined && identifier.id !== undefined) return refused(nobody, ['input'], 'ID_NOT_ALLOWED', 'The id field is not allowed if identifier is provided.');
  for (const name of ['email', 'phone'] as const) {
    if (identifier[name] === undefined) continue;
    if (input[name] === undefined || input[name] === null) return refused(nobody, ['input'], 'MISSING_FIELD_REQUIRED', 'The input field corresponding to the identifier is required.');
    if (input[name] !== identifier[name]) return refused(nobody, ['input'], 'INPUT_MISMATCH', 'The identifier value does not match the value of the corresponding field in the input.');
  }
  const isNamed = Object.keys(identifier).length > 0;
  const known = isNamed ? customers.find(identifier) : undefined;
  if (identifier.id !== undefined && known === undefined) return refused(nobody, ['input'], 'NOT_FOUND', 'Resource matching the identifier was not found.');
  const written = customers.write(known?.id ?? null, input);
  return Array.isArray(written) ? { ...nobody, userErrors: written } : { customer: view(written), userErrors: [] };
}

function changeTags(customers: FakeShopifyCustomers, id: string, tags: readonly string[], how: 'add' | 'remove'): Payload {
  const customer = customers.find({ id });
  if (customer === undefined) return refused({ node: null }, ['id'], 'NOT_FOUND', 'Customer does not exist');
  if (tags.some((tag) => tag.length > 255)) return refused({ node: null }, ['tags'], 'TOO_LONG', 'Tags exceed the 255 characters limit');
  customers.changeTags(customer, tags, how);
  return { node: view(customer), userErrors: [] };
}

function setConsent(customers: FakeShopifyCustomers, channel: 'email' | 'sms', customerId: string, consent: ConsentInput, now: number): Payload {
  const nobody = { customer: null };
  const place = ['input', `${channel}MarketingConsent`];
  const { marketingState: state, marketingOptInLevel: optInLevel = null, consentUpdatedAt } = consent;
  const customer = customers.find({ id: customerId });
  if (customer === undefined) return refused(nobody, ['input', 'customerId'], 'INVALID', 'Customer not found');
  if ((channel === 'email' ? customer.email : customer.phone) === null) return refused(nobody, place, 'INVALID', 'A phone number or email is required');
  if (state !== 'SUBSCRIBED' && state !== 'UNSUBSCRIBED' && state !== 'PENDING') return refused(nobody, [...place, 'marketingState'], 'INCLUSION', 'Cannot specify this state');
  if (state === 'PENDING' && optInLevel !== 'CONFIRMED_OPT_IN') return refused(nobody, [...place, 'marketingOptInLevel'], 'INVALID', 'Must be CONFIRMED_OPT_IN');
  if (typeof consentUpdatedAt === 'string' && !DATE_TIME.test(consentUpdatedAt)) throw new TypeError('No DateTime');
  const at = typeof consentUpdatedAt === 'string' ? Date.parse(consentUpdatedAt) : now;
  if (at > now) return refused(nobody, [...place, 'consentUpdatedAt'], 'INVALID', 'consent_updated_at cannot be in the future');
  customers.changeConsent(customer, channel, { state, optInLevel }, at);
  return { customer: view(customer), userErrors: [] };
}

function setMetafields(customers: FakeShopifyCustomers, metafields: readonly Metafield[], definitions: ReadonlyMap<string, string>): Payload {
  if (metafields.length > 25) return refused({}, ['metafields'], 'LESS_THAN_OR_EQUAL_TO', 'At most 25 metafields');
  for (const [index, { ownerId, namespace, key, type, value }] of metafields.entries()) {
    const defined = definitions.get(`${namespace ?? ''}.${key}`);
    const place = ['metafields', String(index)];
    if (customers.find({ id: ownerId }) === undefined) return refused({}, [...place, 'ownerId'], 'INVALID', 'Owner does not exist');
    if (defined === undefined && (type ?? null) === null) return refused({}, [...place, 'type'], 'BLANK', "Type can't be blank");
    if (defined !== undefined && (type ?? defined) !== defined) return refused({}, [...place, 'type'], 'INVALID_TYPE', 'Type must be that of the definition');
    if ((type ?? defined) === 'number_integer' && !/^-?\d+$/.test(value)) return refused({}, [...place, 'value'], 'INVALID_VALUE', `Value must be an integer: ${value}`);
  }
  for (const { ownerId, namespace, key, value } of metafields) customers.find({ id: ownerId })?.metafields.set(`${namespace ?? ''}.${key}`, value);
  return { userErrors: [] };
}

interface PageArguments {
  first?: number;
  after?: string | null;
  sortKey?: string;
  query?: string;
}

/** In the order of ids, which is Shopify's own. Of the search syntax only `tag:"…"` and `tag:'…'`. */
function page(customers: FakeShopifyCustomers, { first = 0, after = null, sortKey, query }: PageArguments, read: (customer?: FakeCustomer) => object | null): object {
  const tag = /^tag:(["'])(.*)\1$/.exec(query ?? '')?.[2]?.replace(/\\(.)/g, '$1').toLowerCase();
  if (first < 1) throw new FakeShopifyProblem('you must provide one of first or last', 'BAD_REQUEST');
  if (first > 250) throw new FakeShopifyProblem('first cannot exceed 250. To query larger amounts of data with fewer limits, bulk operations should be used instead.', 'BAD_REQUEST');
  if (sortKey !== 'ID' || (query !== undefined && tag === undefined)) throw new TypeError('The order or the search is not part of this fake');
  read();
  const behind = after === null ? 0 : lastId(after);
  const found = [...customers.byId.values()].filter(({ id, tags }) => id > behind && (tag === undefined || tags.some((own) => own.toLowerCase() === tag))).sort((left, right) => left.id - right.id);
  const nodes = found.slice(0, first);
  return { nodes: nodes.map(read), pageInfo: { hasNextPage: found.length > nodes.length, endCursor: nodes.length === 0 ? null : cursorOf(nodes.at(-1)?.id ?? 0) } };
}

/** Where a page ended, readable by Shopify alone. */
function cursorOf(id: number): string {
  return Buffer.from(JSON.stringify({ last_id: id, last_value: String(id) })).toString('base64');
}

function lastId(cursor: string): number {
  try {
    return Number((JSON.parse(Buffer.from(cursor, 'base64').toString()) as { last_id: number }).last_id);
  } catch {
    throw new FakeShopifyProblem('Invalid cursor for current pagination sort.', 'BAD_REQUEST');
  }
}

/** Fields that are not approved are redacted, each with an error beside it. */
function view(customer: FakeCustomer | undefined, approved: readonly ProtectedField[] = ['name', 'email', 'phone']): object | null {
  if (customer === undefined) return null;
  const { id, email, phone, firstName, lastName, locale, note, tags, createdAt, updatedAt, emailConsent, smsConsent, metafields } = customer;
  const guarded = (field: ProtectedField, name: string, value: string | null) => () => {
    if (!approved.includes(field)) throw notApprovedField(name);
    return value;
  };
  return {
    __typename: 'Customer', id: `${GID}${id}`, firstName: guarded('name', 'firstName', firstName), lastName: guarded('name', 'lastName', lastName), locale, note, tags, createdAt, updatedAt,
    defaultEmailAddress: email === null ? null : { emailAddress: guarded('email', 'emailAddress', email), marketingState: emailConsent.state },
    defaultPhoneNumber: phone === null ? null : { phoneNumber: guarded('phone', 'phoneNumber', phone), marketingState: smsConsent.state },
    metafield: ({ namespace = '', key }: { namespace?: string; key: string }) => {
      const value = metafields.get(`${namespace}.${key}`);
      return value === undefined ? null : { namespace, key, value };
    },
  };
}

function refused(payload: Record<string, unknown>, field: string[], code: string, message: string): Payload {
  return { ...payload, userErrors: [{ field, code, message }] };
}
