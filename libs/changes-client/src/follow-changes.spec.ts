import type { ChangeEvent } from './change.js';
import { ChangesClientError } from './changes-client-error.js';
import { followChanges, type FollowOptions } from './follow-changes.js';

interface Asked {
  url: string;
  lastEventId: string | undefined;
  token: string | undefined;
}

const change = (n: number): string => `event: change\nid: s-${n}\ndata: ${JSON.stringify({ cursor: `s-${n}`, at: '2026-11-24T08:00:00.000Z', profileId: 'p', version: n, kind: 'membership', segmentId: 'buyers', isMember: true })}\n\n`;

/** Answers one connection after the other; a text is what comes before it breaks, in pieces of a few bytes. */
function world(answers: (string | Response | Error)[]): { options: Pick<FollowOptions, 'url' | 'token' | 'fetch' | 'firstWaitMs'>; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    asked.push({ url: String(url), lastEventId: headers.get('last-event-id') ?? undefined, token: headers.get('authorization') ?? undefined });
    const answer = answers.shift() ?? new Response('{"code":"FORBIDDEN"}', { status: 403 });
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(typeof answer === 'string' ? new Response(inPieces(answer)) : answer);
  };
  return { options: { url: 'http://host/', token: 't', fetch, firstWaitMs: 1 }, asked };
}

/** A body that comes a few bytes at a time. */
function inPieces(text: string): ReadableStream<Uint8Array> {
  const pieces = text.match(/[\s\S]{1,7}/gu) ?? [];
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  });
}

async function take(events: AsyncGenerator<ChangeEvent>, count: number): Promise<string[]> {
  const told: string[] = [];
  for await (const event of events) {
    told.push(event.type === 'change' ? event.change.cursor : `gap ${event.resumesAfter}`);
    if (told.length === count) break;
  }
  return told;
}

describe('followChanges', () => {
  it('goes on after the last change that was done with, wherever it broke off', async () => {
    const { options, asked } = world([change(1) + change(2).slice(0, 30), new TypeError('broken'), change(2) + change(3), change(4)]);
    expect(await take(followChanges({ ...options, after: 's-0', kinds: ['membership', 'consent'], person: 'p' }), 4)).toEqual(['s-1', 's-2', 's-3', 's-4']);
    expect(asked.map(({ lastEventId }) => lastEventId)).toEqual(['s-0', 's-1', 's-1', 's-3']);
    expect(asked[0]).toMatchObject({ url: 'http://host/admin/v1/changes?after=s-0&kinds=membership%2Cconsent&person=p', token: 'Bearer t' });
  });

  it('tells of a gap, and takes a place from a heartbeat', async () => {
    const { options, asked } = world(['event: gap\nid: s-9\ndata: {"resumesAfter":"s-9"}\n\nevent: heartbeat\nid: s-12\ndata: {}\n\n', change(13)]);
    expect(await take(followChanges({ ...options, after: 'oldest' }), 2)).toEqual(['gap s-9', 's-13']);
    expect(asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, 's-12']);
  });

  it('tries again what passes, with a token of that moment', async () => {
    let tokens = 0;
    const { options, asked } = world([new Response('', { status: 503, headers: { 'retry-after': '0' } }), new Response('', { status: 502 }), 'event: end\ndata: {"code":"UNAVAILABLE"}\n\n', change(1)]);
    expect(await take(followChanges({ ...options, token: () => Promise.resolve(`t${tokens += 1}`) }), 1)).toEqual(['s-1']);
    expect(asked.map(({ token }) => token)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3', 'Bearer t4']);
  });

  it.each([
    [new Response('{"code":"UNAUTHENTICATED","detail":"No."}', { status: 401 }), 'UNAUTHENTICATED'], [new Response('', { status: 404 }), 'HTTP_404'],
    ['event: end\ndata: {"code":"FORBIDDEN"}\n\n', 'FORBIDDEN'], [new Response('{"code":"CHANGES_NOT_KEPT"}', { status: 409 }), 'CHANGES_NOT_KEPT'],
  ])('gives up where trying again would not help', async (answer, code) => {
    const { options, asked } = world([answer]);
    const failure = await take(followChanges(options), 1).catch((error: unknown) => error);
    expect([failure instanceof ChangesClientError, (failure as ChangesClientError).code, asked.length]).toEqual([true, code, 1]);
  });

  it('ends by its signal, also while it waits', async () => {
    const stop = new AbortController();
    const { options } = world([new TypeError('away')]);
    const events = followChanges({ ...options, firstWaitMs: 1e9, signal: stop.signal });
    const told = take(events, 1);
    stop.abort();
    expect(await told).toEqual([]);
  });
});
