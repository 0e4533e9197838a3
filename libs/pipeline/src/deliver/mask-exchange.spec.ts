import type { HttpRequest, HttpResponse } from '@firsthand/plugin-sdk';
import { maskExchange } from './mask-exchange.js';

const response = (text: string, headers: Record<string, string> = {}): HttpResponse => ({ status: 422, headers, text, json: () => JSON.parse(text) });
const mask = (request: Partial<HttpRequest>, answer: HttpResponse | null = null) => maskExchange({ request: { method: 'POST', url: 'https://api.example.com/people/ana@example.com?token=t0p', ...request }, response: answer, at: 7, durationMs: 1.6 });

describe('maskExchange', () => {
  it('tells method, origin, names of headers and fields, and the status', () => {
    const masked = mask(
      { headers: { Authorization: 'Bearer t0p', 'Content-Type': 'application/json' }, json: { email: 'ana@example.com', items: [{ sku: 'S-1', price: 3 }, { sku: 'S-2', name: 'x' }], nested: { deep: { a: 1 } } } },
      response('{"error":{"message":"ana@example.com is not valid"}}', { 'content-type': 'application/json', 'x-request-id': 'r-9', 'retry-after': '5', 'set-cookie': 'id=ana' }),
    );
    expect(masked).toEqual({
      at: 7, durationMs: 2,
      request: { method: 'POST', origin: 'https://api.example.com', headers: { authorization: '***', 'content-type': 'application/json' }, fields: ['email', 'items[].name', 'items[].price', 'items[].sku', 'nested.deep.a'] },
      response: { status: 422, headers: { 'content-type': 'application/json', 'x-request-id': 'r-9', 'retry-after': '5', 'set-cookie': '***' }, fields: ['error.message'] },
    });
  });

  it('tells no value of a person or secret, wherever it stands', () => {
    const told = JSON.stringify([
      mask({ form: { email: 'ana@example.com' } }, response('ana@example.com')),
      mask({ text: JSON.stringify({ 'ana@example.com': { '+8613912345678': 'ana@example.com' } }) }, response('{"broken": ana@example.com')),
      mask({ json: ['ana@example.com', { to: ['ana@example.com'] }], headers: { 'x-request-id': 'ana@example.com', 'x-user': 'ana@example.com' } }, null),
    ]);
    expect(told).not.toMatch(/ana@|1391234|t0p/);
    expect(told).toContain('"fields":["email"]');
  });

  it('keeps to a hundred names and four levels', () => {
    const wide = mask({ json: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, index])) });
    expect(wide.request.fields).toHaveLength(100);
    expect(mask({ json: { a: { b: { c: { d: { e: { f: 1 } } } } } } }).request.fields).toEqual(['a.b.c.d.e']);
  });
});
