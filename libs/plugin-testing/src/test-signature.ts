import { InvalidSignature, MalformedBody, secretNames, type JsonObject, type WebhookRequest, type WebhookTrigger } from '@firsthand/plugin-sdk';
import type { SourceSubject } from './test-source-options.js';
import { bodyOf, receive, signed, unsignedRequest } from './webhook-request.js';

type Part = 'headers' | 'query';

/** Registers the tests of a webhook's signature and of bodies that are none. */
export function testSignature(subject: SourceSubject, trigger: WebhookTrigger<object>): void {
  const { options, plugin } = subject;
  const [fixture] = options.fixtures;
  if (fixture === undefined) return void it('has a fixture', () => expect(options.fixtures).not.toHaveLength(0));

  const good = (): WebhookRequest => signed(unsignedRequest(fixture), subject);
  const verify = (request: WebhookRequest, now = options.now, settings: JsonObject = subject.settings) => (): unknown => trigger.verify(request, settings, { now });

  it('takes a good signature', () => expect(verify(good())).not.toThrow());

  it('is signed by headers or query parameters', () => expect(signedParts(unsignedRequest(fixture), good())).not.toHaveLength(0));

  it('refuses a request that is not signed', () => expect(verify(unsignedRequest(fixture))).toThrow(InvalidSignature));

  it('refuses a signature of which a part is missing, empty or truncated', () => {
    for (const [part, name, value] of signedParts(unsignedRequest(fixture), good())) {
      for (const changed of [undefined, '', value.slice(0, -1)]) {
        const request = good();
        request[part] = { ...request[part], [name]: changed };
        expect(verify(request)).toThrow(InvalidSignature);
      }
    }
  });

  it('refuses the signature of another body', () => {
    expect(verify({ ...good(), body: Buffer.concat([bodyOf(fixture), Buffer.from(' ')]) })).toThrow(InvalidSignature);
  });

  it('refuses the signature of another secret', () => {
    const names = secretNames(plugin.settings);
    expect(names).not.toHaveLength(0);
    const others = Object.fromEntries(names.map((name) => [name, [...String(subject.settings[name] ?? '')].reverse().join('')]));
    expect(verify(good(), options.now, { ...subject.settings, ...others })).toThrow(InvalidSignature);
  });

  if (options.maxAgeSeconds !== undefined) {
    const maxAgeMs = options.maxAgeSeconds * 1000;
    it('refuses a stale signature, and not one that is a moment younger', () => {
      expect(verify(good(), options.now + maxAgeMs + 1000)).toThrow(InvalidSignature);
      expect(verify(good(), options.now + maxAgeMs - 1000)).not.toThrow();
    });
  }

  const whole = bodyOf(fixture);
  it.each([
    ['empty', Buffer.alloc(0)],
    ['cut off', whole.subarray(0, Math.floor(whole.length / 2))],
    ['no text', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ])('refuses a body that is %s', (_, body) => {
    expect(refusal(() => receive(signed(unsignedRequest(fixture, body), subject), subject, trigger))).toBe('refused');
  });
}

/** What `sign` added: each is a part of the signature. */
function signedParts(before: WebhookRequest, after: WebhookRequest): (readonly [Part, string, string])[] {
  return (['headers', 'query'] as const).flatMap((part) => Object.entries(after[part])
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== before[part][entry[0]])
    .map(([name, value]) => [part, name, value] as const));
}

/** A decrypting `verify` may find a bad body before `records` does; either way the error is one of the SDK's. */
function refusal(run: () => unknown): unknown {
  try {
    run();
    return 'taken';
  } catch (error) {
    return error instanceof MalformedBody || error instanceof InvalidSignature ? 'refused' : error;
  }
}
