import { FakeShopifyApi, type CostBucket } from './fake-shopify-api.js';
import { FakeShopifyCustomers, type CustomerFields, type FakeCustomer } from './fake-shopify-customers.js';
import { shopifyResolvers, type ProtectedField } from './fake-shopify-resolvers.js';
import { signedWebhook, webhookOf, type FakeWebhook } from './fake-shopify-webhooks.js';
import { startVendorServer, type VendorAnswer, type VendorFault, type VendorRequest } from './vendor-server.js';

export interface FakeShopifyOptions {
  shop?: string;
  accessToken?: string;
  secret?: string;
  scopes?: readonly string[];
  /** Protected customer data that the app may read: all when left out, none of it when null. */
  approved?: readonly ProtectedField[] | null;
  /** Types of metafields by `namespace.key`. */
  definitions?: Record<string, string>;
  bucket?: Partial<CostBucket>;
  /** Epoch ms. */
  now?: () => number;
}

export interface FakeShopify {
  url: string;
  /** What a connection to this shop is set to. */
  settings: { shop: string; secret: string; accessToken: string; apiVersion: string; apiBaseUrl: string };
  customers: FakeShopifyCustomers;
  /** The bucket of query costs, as it is. */
  bucket: CostBucket;
  /** Makes a customer as staff would; throws where the shop refuses it. */
  add(fields: CustomerFields): FakeCustomer;
  /** Changes one as staff would. */
  edit(id: number, fields: CustomerFields): FakeCustomer;
  /** Webhooks that wait to be sent, oldest first: one for each change, also for those that the API made. */
  outbox: FakeWebhook[];
  /** Sends what waits to a host's address and gives the answers' statuses. `isReversed`: the newest first; `times`: each so often, as Shopify may. What was sent waits no more. */
  deliver(url: string, options?: { isReversed?: boolean; times?: number }): Promise<number[]>;
  requests: VendorRequest[];
  /** Trouble for the next requests. */
  script(fault: VendorFault): void;
  close(): Promise<void>;
}

/** Versions of the Admin API that answer by themselves; others fall forward at Shopify, and are refused here. */
const VERSIONS = new Set(['2026-01', '2026-04', '2026-07', '2026-10']);

/** A shop without a server: its customers, and the API over them. */
export function createFakeShop({ shop = 'acme.myshopify.com', scopes = ['read_customers', 'write_customers', 'write_customer_data_erasure'], approved = ['name', 'email', 'phone'], definitions = {}, bucket, now = Date.now }: FakeShopifyOptions = {}): {
  customers: FakeShopifyCustomers; api: FakeShopifyApi; outbox: FakeWebhook[];
} {
  const outbox: FakeWebhook[] = [];
  const customers = new FakeShopifyCustomers(now, (change) => void outbox.push(webhookOf(change, now())));
  const resolvers = shopifyResolvers(customers, { shop, scopes, approved, definitions: new Map(Object.entries(definitions)), now });
  return { customers, outbox, api: new FakeShopifyApi(resolvers, now, { available: 2_000, maximum: 2_000, restoreRate: 100, ...bucket }) };
}

/**
 * Starts a strict fake of a Shopify shop: the Admin API for customers, tags, consents, metafields and erasures over Shopify's schema and costs, and the signed webhooks that tell of each
 * change. It refuses what Shopify refuses, and writes values Shopify's way.
 *
 * @example const shopify = await startFakeShopify(); shopify.add({ email: 'Ana@Example.com' }); await shopify.deliver(`${host.url}/hooks/till`, { times: 2 });
 */
export async function startFakeShopify(options: FakeShopifyOptions = {}): Promise<FakeShopify> {
  const { shop = 'acme.myshopify.com', accessToken = 'shpat_00000000000000000000000000000000', secret = 'shpss_11111111', now = Date.now } = options;
  const { customers, api, outbox } = createFakeShop({ ...options, shop, now });
  const server = await startVendorServer((request) => answer(request, accessToken, api));

  const write = (id: number | null, fields: CustomerFields): FakeCustomer => {
    const written = customers.write(id, fields);
    if (Array.isArray(written)) throw new RangeError(`The shop refuses the customer: ${written.map(({ field, code }) => [...field, code].join('.')).join(', ')}`);
    return written;
  };
  const apiVersion = '2026-10';
  return {
    ...server,
    settings: { shop, secret, accessToken, apiVersion, apiBaseUrl: server.url },
    customers,
    bucket: api.bucket,
    add: (fields) => write(null, fields),
    edit: (id, fields) => write(id, fields),
    outbox,
    async deliver(url, { isReversed = false, times = 1 } = {}) {
      const waiting = outbox.splice(0);
      const sent = (isReversed ? waiting.reverse() : waiting).flatMap((webhook) => Array.from({ length: times }, () => signedWebhook(webhook, { shop, secret, apiVersion })));
      const statuses: number[] = [];
      for (const { headers, body } of sent) statuses.push((await fetch(url, { method: 'POST', headers, body })).status);
      return statuses;
    },
  };
}

function answer(request: VendorRequest, accessToken: string, api: FakeShopifyApi): VendorAnswer {
  const version = /^\/admin\/api\/([^/]+)\/graphql\.json$/.exec(request.path)?.[1];
  if (version === undefined || !VERSIONS.has(version)) return { status: 404, json: { errors: 'Not Found' } };
  if (request.headers['x-shopify-access-token'] !== accessToken) return { status: 401, json: { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' } };
  if (request.method !== 'POST' || request.headers['content-type']?.split(';')[0] !== 'application/json') return { status: 400, json: { errors: 'Bad Request' } };
  return { ...api.answer(JSON.parse(request.text)), headers: { 'x-shopify-api-version': version } };
}
