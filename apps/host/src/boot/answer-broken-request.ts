import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { FirsthandError } from '@firsthand/domain';
import { toProblem } from './problem.js';

/**
 * Answers what Node's HTTP parser gives up on as a problem, and ends the connection: where the next request would begin is not known.
 *
 * @param error as in Node's event `clientError`
 * @param underWay the responses that have begun: their connections can only be cut
 * @example server.on('clientError', (error, socket) => answerBrokenRequest(error, socket, underWay));
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex, underWay: Iterable<ServerResponse>): void {
  const hasBegun = [...underWay].some((response) => response.socket === socket && response.headersSent);
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegun) {
    socket.destroy();
    return;
  }
  const { problem } = toProblem(refusalOf(error), randomUUID());
  const body = JSON.stringify(problem);
  const head = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, 'Content-Type: application/problem+json; charset=utf-8', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** The codes are those of Node and of its parser. What the parser says of it may quote the request. */
function refusalOf({ code }: NodeJS.ErrnoException): FirsthandError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new FirsthandError('REQUEST_TIMEOUT');
  if (code === 'HPE_HEADER_OVERFLOW') return new FirsthandError('PAYLOAD_TOO_LARGE', 'The headers are too large.');
  return new FirsthandError('INVALID_REQUEST', 'The request is no valid HTTP.');
}
