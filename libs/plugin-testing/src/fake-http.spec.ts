import { InvalidPayload, RetryableError } from '@firsthand/plugin-sdk';
import { fakeHttp } from './fake-http.js';

const get = { method: 'GET', url: 'https://api.example.com/' } as const;

describe('fakeHttp', () => {
  it('answers as scripted, and keeps the requests as they were', async () => {
    const http = fakeHttp({ respond: (_, index) => (index === 0 ? { json: { a: 1 } } : { status: 204 }) });
    const request = { ...get, headers: { a: '1' } };
    expect((await http.request(request)).json()).toEqual({ a: 1 });
    request.headers.a = '2';
    const empty = await http.request(request);
    expect([empty.status, empty.text]).toEqual([204, '']);
    expect(() => empty.json()).toThrow(RetryableError);
    expect(http.requests.map(({ headers }) => headers)).toEqual([{ a: '1' }, { a: '2' }]);
  });

  it.each([{ ...get, url: 'api/users' }, { ...get, url: 'ftp://example.com' }, { ...get, json: {}, text: '' }])('refuses what the host refuses: %j', async (request) => {
    const http = fakeHttp();
    await expect(http.request(request)).rejects.toThrow(InvalidPayload);
    expect(http.requests).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const run = expect(fakeHttp({ respond: () => new Promise(() => undefined) }).request(get, { signal: controller.signal })).rejects.toThrow(RetryableError);
    controller.abort();
    await run;
    await expect(fakeHttp().request(get, { signal: controller.signal })).rejects.toThrow(RetryableError);
  });
});
