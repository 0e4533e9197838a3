import { setTimeout as delay } from 'node:timers/promises';
import { FirsthandError } from '@firsthand/domain';
import type { ChangeKeeping } from '@firsthand/pipeline';
import type { Request, Response } from 'express';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { readerNow } from '../http/reader-now.js';
import { beginEvents, eventText } from '../http/server-sent-events.js';
import { filterOf, type ChangesQuery } from './change-bodies.js';
import { encodeChangeCursor } from './change-cursor.js';
import { keepingOf, oldestOf, placeOf, readChanges } from './read-changes.js';

const PAGE_SIZE = 100;
/** While nothing happens the reader's permissions are asked for this often; ahead of each page anyway. */
const ASK_AGAIN_MS = 1_000;
const HEARTBEAT_MS = 15_000;
/** The database is away, or the process too busy to read its configuration: so long the stream stays. */
const MAX_UNAVAILABLE_MS = 30_000;
/** Then it has to come again: no stream outlives a deployment by days. */
const MAX_MS = 60 * 60_000;

/**
 * Streams changes as server-sent events (WHATWG HTML, "Server-sent events"): `change` for each, its id is the cursor; `gap` where some are kept no longer, with where it goes on; `end` where the
 * reader may read no more, or the host stops. Nothing is buffered for a reader: the next page is read when the last one is on its way, so that a slow one costs no memory and holds up nobody.
 *
 * @throws FirsthandError `CHANGES_NOT_KEPT`, `INVALID_REQUEST`, `RATE_LIMITED`, before the stream begins
 */
export async function streamChanges(admin: AdminContext, caller: Caller, query: ChangesQuery, { headers }: Pick<Request, 'headers'>, response: Response): Promise<void> {
  const keeping = keepingOf(admin, caller.workspaceId);
  const last = headers['last-event-id'];
  const start = await beginAt(admin, caller.workspaceId, keeping, typeof last === 'string' && last !== '' ? last : query.after ?? 'now');
  const leave = admin.streams.enter(caller);
  const gone = new AbortController();
  const end = (): void => gone.abort();
  response.once('close', end);
  admin.streams.stopping.addEventListener('abort', end);
  if (response.destroyed || admin.streams.stopping.aborted) end();
  try {
    beginEvents(response);
    await follow(admin, caller, { keeping, query, authorization: headers.authorization, start, signal: gone.signal }, (text) => write(response, text, admin.streams.maxStallMs));
  } finally {
    leave();
    admin.streams.stopping.removeEventListener('abort', end);
    if (!response.destroyed) response.end();
  }
}

interface Start {
  after: number;
  /** Set where the cursor that was given leads nowhere any more. */
  isAfterGap: boolean;
}

async function beginAt(admin: AdminContext, workspaceId: string, keeping: ChangeKeeping, cursor: string): Promise<Start> {
  try {
    return { after: await placeOf(admin, workspaceId, keeping, cursor), isAfterGap: false };
  } catch (error) {
    if (!isExpired(error)) throw error;
    return { after: 0, isAfterGap: true };
  }
}

interface Following {
  keeping: ChangeKeeping;
  query: ChangesQuery;
  authorization: string | undefined;
  start: Start;
  signal: AbortSignal;
}

async function follow(admin: AdminContext, caller: Caller, { keeping, query, authorization, start, signal }: Following, send: (text: string) => Promise<void>): Promise<void> {
  const { workspaceId } = caller;
  const until = Date.now() + MAX_MS;
  const filter = filterOf(query);
  let { after, isAfterGap } = start;
  let beatAt = 0;
  let unavailableSince: number | null = null;
  while (!signal.aborted && Date.now() < until) {
    try {
      const reader = await askAgain(admin, caller, keeping, authorization);
      if (isAfterGap) {
        after = await oldestOf(admin, workspaceId, keeping, after);
        const resumesAfter = encodeChangeCursor(keeping, after);
        await send(eventText('gap', resumesAfter, { resumesAfter }));
        isAfterGap = false;
      }
      const page = await readChanges(admin, reader, keeping, { after, limit: PAGE_SIZE, filter });
      if (page.items.length > 0) await send(page.items.map((item) => eventText('change', item.cursor, item)).join(''));
      ({ after } = page);
      if (page.items.length > 0) beatAt = Date.now();
      else if (Date.now() - beatAt >= HEARTBEAT_MS) {
        // With its place: who filters much need not look through all of it again.
        await send(eventText('heartbeat', encodeChangeCursor(keeping, after), {}));
        beatAt = Date.now();
      }
      unavailableSince = null;
      if (page.isAtEnd) await admin.changeStreams.moved(workspaceId, after, { withinMs: ASK_AGAIN_MS, signal });
    } catch (error) {
      if (isExpired(error)) {
        isAfterGap = true;
        continue;
      }
      unavailableSince ??= Date.now();
      // Nothing is told meanwhile; whoever came again would meet the same.
      if (isUnavailable(error) && Date.now() - unavailableSince < MAX_UNAVAILABLE_MS) {
        await delay(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      // What has begun as a stream cannot become an answer of another kind.
      await send(eventText('end', null, { code: error instanceof FirsthandError ? error.code : 'INTERNAL' }));
      return;
    }
  }
}

/** The reader as they are at this moment. @throws FirsthandError `UNAUTHENTICATED`, `FORBIDDEN`, `CHANGES_NOT_KEPT` */
async function askAgain(admin: AdminContext, caller: Caller, keeping: ChangeKeeping, authorization: string | undefined): Promise<Caller> {
  const reader = await readerNow(admin, caller, authorization, 'profile');
  if (keepingOf(admin, caller.workspaceId).since !== keeping.since) throw new FirsthandError('CHANGES_NOT_KEPT');
  return reader;
}

/** Waits until the reader has taken what was written before. One that takes nothing is let go of: it knows how far it came, and goes on there. */
async function write(response: Response, text: string, maxStallMs: number): Promise<void> {
  if (response.destroyed || response.writableEnded) return;
  if (response.write(text)) return;
  await new Promise<void>((resolve) => {
    const stalled = setTimeout(() => response.destroy(), maxStallMs);
    const done = (): void => {
      clearTimeout(stalled);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof FirsthandError && error.code === 'UNAVAILABLE';
}

function isExpired(error: unknown): boolean {
  return error instanceof FirsthandError && error.code === 'CHANGES_EXPIRED';
}
