import type { Request, Response } from 'express';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { ChangesQuery } from './change-bodies.js';
import { readChangesPage } from './read-changes.js';
import { streamChanges } from './stream-changes.js';

/** A page, or a stream for who asks for one. @throws FirsthandError as either does */
export async function serveChanges(admin: AdminContext, caller: Caller, query: ChangesQuery, request: Request, response: Response): Promise<void> {
  if (request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream') return streamChanges(admin, caller, query, request, response);
  const page = await readChangesPage(admin, caller, query);
  response.setHeader('cache-control', 'no-store');
  response.json(page);
}
