import { FirsthandError } from '@firsthand/domain';
import type { Request, Response } from 'express';
import type { AdminContext } from '../admin-context.js';
import { viewExchange } from '../deliveries/delivery-view.js';
import type { Caller } from '../http/caller.js';
import { readerNow } from '../http/reader-now.js';
import { beginEvents, eventText } from '../http/server-sent-events.js';
import { isDestination } from '../../configuration/documents.js';
import { readConnection } from './connections.js';

/** How often the follower's permissions are asked for. */
const ASK_AGAIN_MS = 1_000;
/** A comment line, so that proxies keep the connection. */
const HEARTBEAT_MS = 15_000;
/** Then the client has to come again, as streams do that proxies cut. */
const MAX_MS = 10 * 60_000;
/** A client that does not read is let go of. */
const MAX_UNREAD_BYTES = 1_000_000;

/**
 * Streams the requests of a destination and their answers, masked, as server-sent events (WHATWG HTML, "Server-sent events"), until the client leaves, may read
 * them no more, or ten minutes have passed. Only what is sent while it is followed is shown, and of a busy destination only a part.
 *
 * @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for a source, `RATE_LIMITED`, `UNAVAILABLE` while Valkey is away
 */
export async function tailConnection(admin: AdminContext, caller: Caller, connectionId: string, { headers }: Pick<Request, 'headers'>, response: Response): Promise<void> {
  const { workspaceId } = caller;
  const { content } = await readConnection(admin, workspaceId, connectionId);
  if (!isDestination(content)) throw new FirsthandError('INVALID_REQUEST', 'Only destinations have a tail.');
  const leave = admin.streams.enter(caller);
  const write = (text: string): void => {
    if (response.writableEnded) return;
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(text);
  };
  try {
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    // What comes before the answer has begun would begin it, as something that is no stream of events.
    const unfollow = await admin.tail.follow({ workspaceId, connectionId }, (exchange) => {
      if (response.headersSent) write(eventText('exchange', null, viewExchange(exchange)));
    });
    beginEvents(response);
    write(': following\n\n');
    const askAgain = setInterval(() => {
      readerNow(admin, caller, headers.authorization, 'delivery').catch((error: unknown) => {
        // Nothing more is told while it cannot be known: who follows comes again.
        write(eventText('end', null, { code: error instanceof FirsthandError ? error.code : 'INTERNAL' }));
        response.end();
      });
    }, ASK_AGAIN_MS);
    const heartbeat = setInterval(() => write(': here\n\n'), HEARTBEAT_MS);
    const timeout = setTimeout(() => response.end(), MAX_MS);
    const stop = (): void => { response.end(); };
    admin.streams.stopping.addEventListener('abort', stop);
    if (admin.streams.stopping.aborted) stop();
    await gone;
    clearInterval(askAgain);
    clearInterval(heartbeat);
    clearTimeout(timeout);
    admin.streams.stopping.removeEventListener('abort', stop);
    await unfollow();
  } finally {
    leave();
  }
}
