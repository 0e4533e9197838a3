import type { VendorAnswer } from './vendor-server.js';

const CORRELATION_ID = '8a3f6c3a-8296-4002-b0a6-2a06fecf7c0c';

/** An error of HubSpot's API: thrown while a request is handled, answered with HubSpot's error body. */
export class HubspotProblem extends Error {
  constructor(
    readonly status: number,
    readonly category: string | undefined,
    message: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message);
  }

  answer(): VendorAnswer {
    const category = this.category === undefined ? {} : { category: this.category };
    return { status: this.status, json: { status: 'error', message: this.message, correlationId: CORRELATION_ID, ...category, ...this.extra } };
  }
}

export function invalidJson(detail: string): HubspotProblem {
  return new HubspotProblem(400, undefined, `Invalid input JSON on line 1, column 1: ${detail}`);
}

export function unauthenticated(): HubspotProblem {
  return new HubspotProblem(
    401, 'INVALID_AUTHENTICATION',
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
  );
}

/** HubSpot's answer past the burst limit. */
export function tooManyRequests(retryAfterSeconds?: number): VendorAnswer {
  return {
    status: 429,
    headers: {
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    json: {
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      correlationId: CORRELATION_ID,
      policyName: 'TEN_SECONDLY_ROLLING',
    },
  };
}

/** Reads a JSON object that may hold these keys only. HubSpot refuses fields it does not know. */
export function readBody<K extends string>(value: unknown, known: readonly K[], required: readonly K[]): Partial<Record<K, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidJson('an object was expected');
  const unknown = Object.keys(value).find((key) => !(known as readonly string[]).includes(key));
  if (unknown !== undefined) throw invalidJson(`Unrecognized field "${unknown}"`);
  const missing = required.filter((key) => !Object.hasOwn(value, key));
  if (missing.length > 0) throw invalidJson(`Some required fields were not set: [${missing.join(', ')}]`);
  return value as Partial<Record<K, unknown>>;
}

export function readInputs(inputs: unknown): unknown[] {
  if (!Array.isArray(inputs)) throw invalidJson('inputs is no list');
  if (inputs.length === 0) throw new HubspotProblem(400, 'VALIDATION_ERROR', 'The batch must contain at least one input');
  if (inputs.length > 100) throw new HubspotProblem(400, 'VALIDATION_ERROR', `The maximum number of inputs is 100, but ${inputs.length} were given`);
  return inputs;
}

export function readText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw invalidJson(`${name} is no text`);
  return value;
}

export function readTexts(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw invalidJson(`${name} is no list`);
  return value.map((item) => readText(item, name));
}
