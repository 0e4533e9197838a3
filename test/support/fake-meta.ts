import { FakeMetaAudience } from './fake-meta-audience.js';
import { FakeMetaEvents, type FakeServerEvent } from './fake-meta-events.js';
import { invalidParameter, invalidToken, isObject, MetaProblem, unknownObject, type MetaErrorDetails } from './fake-meta-problem.js';
import { startVendorServer, type VendorAnswer, type VendorFault, type VendorRequest } from './vendor-server.js';

export interface FakeMetaOptions {
  accessToken?: string;
  pixelId?: string;
  adAccountId?: string;
  customAudienceId?: string;
  /** Epoch ms. */
  now?: () => number;
}

export interface FakeMeta {
  url: string;
  /** What a connection to this account is set to. */
  settings: { accessToken: string; pixelId: string; adAccountId: string; customAudienceId: string; apiBaseUrl: string; apiVersion: string };
  /** Events that count: one per name and event id. */
  events: FakeServerEvent[];
  /** Events sent with a test event code. */
  testEvents: FakeServerEvent[];
  /** Events taken, doubles included. */
  eventsReceived(): number;
  audience: FakeMetaAudience;
  requests: VendorRequest[];
  /** Trouble for the next requests. */
  script(fault: VendorFault): void;
  /** The next requests fail with this error of Meta's. */
  fail(code: number, options?: MetaErrorDetails & { times?: number; path?: RegExp; headers?: Record<string, string> }): void;
  /** The next requests meet the limit of the business use case; `minutes` until access is regained. */
  rateLimit(options?: { times?: number; minutes?: number; retryAfterSeconds?: number }): void;
  close(): Promise<void>;
}

/** Versions of the Graph API that answer. */
const VERSIONS = /^v(2[3-6])\.0$/;
const CUSTOM_AUDIENCE_LIMIT = 80_003;

/**
 * Starts a strict fake of Meta's Graph API: conversion events of one dataset and the users of one custom audience. It refuses what Meta refuses, with
 * Meta's error bodies, counts an event once per name and id, and keeps the members.
 *
 * @example const meta = await startFakeMeta(); meta.fail(190); await meta.close();
 */
export async function startFakeMeta(options: FakeMetaOptions = {}): Promise<FakeMeta> {
  const { accessToken = 'EAAB0000', pixelId = '1202835294532393', adAccountId = '1234567890', customAudienceId = '23842900000000000', now = Date.now } = options;
  const events = new FakeMetaEvents(now);
  const audience = new FakeMetaAudience(customAudienceId);
  const nodes = new Set(['me', pixelId, customAudienceId, `act_${adAccountId}`]);

  function handle(request: VendorRequest): VendorAnswer {
    const [, version = '', id = '', edge, ...more] = request.path.split('/');
    if (!VERSIONS.test(version)) throw new MetaProblem(2635, 'You are calling a deprecated version of the Ads API.');
    const { access_token: token, ...params } = readParams(request);
    if (request.headers.authorization !== `Bearer ${accessToken}` && token !== accessToken) throw invalidToken();
    if (!nodes.has(id) || more.length > 0) throw unknownObject(id);
    if (edge === undefined && request.method === 'GET') return { status: 200, json: { id } };
    if (edge === 'events' && id === pixelId && request.method === 'POST') return events.post(params);
    if (edge === 'users' && id === customAudienceId && (request.method === 'POST' || request.method === 'DELETE')) return audience.change(request.method, params);
    throw unknownObject(id);
  }

  const server = await startVendorServer((request) => {
    try {
      return handle(request);
    } catch (error) {
      if (error instanceof MetaProblem) return error.answer();
      throw error;
    }
  });
  return {
    ...server,
    settings: { accessToken, pixelId, adAccountId, customAudienceId, apiBaseUrl: server.url, apiVersion: 'v26.0' },
    events: events.counted,
    testEvents: events.tested,
    eventsReceived: () => events.received,
    audience,
    fail(code, { times, path, headers, ...details } = {}) {
      server.script({ times, path, answer: { ...new MetaProblem(code, 'An error occurred', details).answer(), headers } });
    },
    rateLimit({ times, minutes = 0, retryAfterSeconds } = {}) {
      const usage = { [adAccountId]: [{ type: 'custom_audience', call_count: 100, total_cputime: 25, total_time: 25, estimated_time_to_regain_access: minutes }] };
      const headers = { 'x-business-use-case-usage': JSON.stringify(usage), ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }) };
      const problem = new MetaProblem(CUSTOM_AUDIENCE_LIMIT, '(#80003) There have been too many calls to this ad-account. Wait a bit and try again.', { subcode: 2446079 });
      server.script({ times, answer: { ...problem.answer(), headers } });
    },
  };
}

/** The query, and the body as JSON or as a form whose values may be JSON. */
function readParams({ method, query, headers, text }: VendorRequest): Record<string, unknown> {
  if (method === 'GET') {
    const { fields, ...params } = query;
    return fields === undefined || /^[a-z_,]+$/.test(fields) ? params : { ...params, fields };
  }
  const type = headers['content-type']?.split(';')[0];
  if (type === 'application/json') return { ...query, ...readObject(text) };
  if (type !== 'application/x-www-form-urlencoded') throw invalidParameter('Unsupported content type');
  const form = [...new URLSearchParams(text)].map(([name, value]) => [name, /^[[{]/.test(value) ? parse(value) : value]);
  return { ...query, ...(Object.fromEntries(form) as Record<string, unknown>) };
}

function readObject(text: string): Record<string, unknown> {
  const body = parse(text);
  if (!isObject(body)) throw invalidParameter('The body is no object');
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidParameter('The body is not JSON');
  }
}
