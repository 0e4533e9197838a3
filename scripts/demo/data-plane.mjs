import { createHmac } from 'node:crypto';
import { OperatorError } from '../run/operator-error.mjs';
import { fetchAgain } from './fetch-again.mjs';

/**
 * Posts one call of the tracking API, as an SDK does.
 * @param {string} baseUrl
 * @param {string} writeKey
 * @param {'track' | 'identify' | 'page' | 'screen'} type
 * @param {object} message
 * @throws {OperatorError} unless it is stored
 */
export async function track(baseUrl, writeKey, type, message) {
  const response = await post(`${baseUrl}/v1/${type}`, { authorization: basic(writeKey) }, JSON.stringify({ ...message, sentAt: new Date().toISOString() }));
  await mustBeStored(response, `POST /v1/${type}`);
}

/**
 * Posts a webhook as Shopify does, signed over the raw body.
 * @param {{ url: string, topic: string, shop: string, secret: string, body: object }} webhook
 * @throws {OperatorError} unless it is stored
 */
export async function sendShopifyWebhook({ url, topic, shop, secret, body }) {
  const text = JSON.stringify(body);
  const signature = createHmac('sha256', secret).update(text).digest('base64');
  const response = await post(url, { 'x-shopify-topic': topic, 'x-shopify-shop-domain': shop, 'x-shopify-hmac-sha256': signature }, text);
  await mustBeStored(response, 'the webhook of the store');
}

/**
 * Posts a webhook that its vendor has signed already.
 * @param {string} url where it goes; it may be signed for another name of the same host
 * @param {{ headers: Record<string, string>, body: string }} signed
 * @throws {OperatorError} unless it is stored
 */
export async function sendSignedWebhook(url, { headers, body }) {
  await mustBeStored(await post(url, headers, body), 'the webhook of the CRM');
}

/**
 * Reads what the mini-program may know of who is signed in there; our server says who that is, by a token of a minute.
 * @param {string} baseUrl
 * @param {{ id: string, secret: string }} tokenKey
 * @param {string} email
 * @returns {Promise<{ traits: Record<string, unknown> }>}
 * @throws {OperatorError} unless it is answered
 */
export async function readMe(baseUrl, { id, secret }, email) {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', kid: id })}.${part({ sub: email, ns: 'email', aud: 'mini-program', iat: now, exp: now + 60 })}`;
  const token = `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  const response = await fetchAgain(`${baseUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.json();
  if (response.status !== 200) throw new OperatorError(`GET /v1/me was answered with ${response.status} ${body.code}.`);
  return body;
}

/**
 * Uploads a CSV file.
 * @returns {Promise<{ status: number, body: any }>}
 */
export async function importCsv(baseUrl, connectionId, writeKey, csv) {
  const response = await post(`${baseUrl}/import/${connectionId}`, { authorization: basic(writeKey), 'content-type': 'text/csv' }, csv);
  return { status: response.status, body: await response.json() };
}

function post(url, headers, body) {
  return fetchAgain(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

async function mustBeStored(response, what) {
  if (response.status !== 200) throw new OperatorError(`${what} was answered with ${response.status} ${(await response.json()).code}.`);
}

function basic(writeKey) {
  return `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
}
