import { FirsthandError } from '@firsthand/domain';
import type { JsonValue, WebhookRequest, WebhookTrigger } from '@firsthand/plugin-sdk';
import type { SourceFixture, SourceSubject } from './test-source-options.js';

/** A fixture's body as bytes. */
export function bodyOf({ body }: SourceFixture): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A fixture as an unsigned request, with another body where one is given. */
export function unsignedRequest(fixture: SourceFixture, body: Uint8Array = bodyOf(fixture)): WebhookRequest {
  const query = fixture.query ?? {};
  const search = new URLSearchParams(query).toString();
  return { method: 'POST', headers: { ...fixture.headers }, query: { ...query }, body, url: `https://cdp.example.com/hooks/connection-1${search === '' ? '' : `?${search}`}` };
}

/** Signs a request by the author's `sign`. */
export function signed(request: WebhookRequest, { options }: SourceSubject): WebhookRequest {
  if (options.sign === undefined) throw new FirsthandError('INVALID_REQUEST', 'A webhook source is tested with `sign`.');
  return options.sign(request, { now: options.now });
}

/** What the host does with a webhook: verify, then read the records. Throws what they throw. */
export function receive(request: WebhookRequest, subject: SourceSubject, trigger: WebhookTrigger<object>, now = subject.options.now): JsonValue[] {
  const body = trigger.verify(request, subject.settings, { now }) ?? request.body;
  return [...(subject.source.records?.({ body, headers: request.headers, query: request.query }) ?? [])];
}
