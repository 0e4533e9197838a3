import { FirsthandError } from '@firsthand/domain';
import type { Response } from 'express';
import type { AdminContext } from '../admin-context.js';
import { viewExchange } from '../deliveries/delivery-view.js';
import type { Caller } from '../http/caller.js';
import { isDestination } from '../../configuration/documents.js';
import { readConnection } from './connections.js';

/** A comment line, so that proxies keep the connection. */
const HEARTBEAT_MS = 15_000;
/** Then the client has to come again, with credentials that are checked anew. */
const MAX_MS = 10 * 60_000;
/** A client that does not read is let go of. */
const MAX_UNREAD_BYTES = 1_000_000;

/**
 * Streams the requests of a destination and their answers, masked, as server-sent events (WHATWG HTML, "Server-sent events"), until the client leaves or ten
 * minutes have passed. Only what is sent while it is followed is shown, and of a busy destination only a part.
 *
 * @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for a source, `UNAVAILABLE` while Valkey is away
 */
export async function tailConnection(admin: AdminContext, { workspaceId }: Caller, connectionId: string, response: Response): Promise<void> {
  const { content } = await readConnection(admin, workspaceId, connectionId);
  if (!isDestination(content)) throw new FirsthandError('INVALID_REQUEST', 'Only destinations have a tail.');
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  const write = (text: string): void => {
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(text);
  };
  // What comes before the answer has begun would begin it, as something that is no stream of events.
  const leave = await admin.tail.follow({ workspaceId, connectionId }, (exchange) => {
    if (response.headersSent) write(`event: exchange\ndata: ${JSON.stringify(viewExchange(exchange))}\n\n`);
  });
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  write(': following\n\n');
  const heartbeat = setInterval(() => write(': here\n\n'), HEARTBEAT_MS);
  const end = setTimeout(() => response.end(), MAX_MS);
  await gone;
  clearInterval(heartbeat);
  clearTimeout(end);
  await leave();
}
