import type { Response } from 'express';

/** Begins an answer of server-sent events, which no proxy keeps back. */
export function beginEvents(response: Response): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
}

/**
 * One server-sent event (WHATWG HTML, "Server-sent events"), as it is written.
 *
 * @param id where a reader goes on after it; null for one that is no place to go on from
 * @example eventText('change', 'c1', { version: 2 }) // 'event: change\nid: c1\ndata: {"version":2}\n\n'
 */
export function eventText(event: string, id: string | null, data: object): string {
  return `event: ${event}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
