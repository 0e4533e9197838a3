import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FirsthandError } from '@firsthand/domain';
import { answerBrokenRequest } from './answer-broken-request.js';

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request's headers must be in within this time, and all of it within the other: slow senders hold a socket, not a thread, but sockets are few too. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Imports are long. */
const REQUEST_TIMEOUT_MS = 30 * 60_000;

/** A request that takes longer to end, as a large import, is cut off: what of it was stored stays stored. */
const CLOSE_WITHIN_MS = 10_000;

/** One HTTP server for both planes; the path decides. */
export interface SharedServer {
  server: Server;
  /** Gives requests whose path begins with one of these prefixes to the listener. */
  mount(prefixes: readonly string[], listener: RequestListener): void;
  /** Gives all other requests to the listener. */
  mountRest(listener: RequestListener): void;
  /** Listens, and gives the port. Throws FirsthandError `CANNOT_LISTEN`. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no more connections, and resolves when the requests under way are answered, within 10 s. */
  close(): Promise<void>;
}

/**
 * Makes the server that both planes share.
 *
 * @example const shared = createSharedServer(); shared.mount(['/v1/'], dataPlane); shared.mountRest(adminPlane); await shared.listen(3000, '127.0.0.1');
 */
export function createSharedServer(): SharedServer {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 65_000 });
  const mounted: { prefix: string; listener: RequestListener }[] = [];
  let rest: RequestListener = (_request, response) => void response.writeHead(404).end();
  let isClosing = false;
  const underWay = new Set<ServerResponse>();
  server.on('request', (request, response) => {
    if (isClosing) endConnection(response);
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    const url = request.url ?? '/';
    const found = mounted.find(({ prefix }) => url.startsWith(prefix));
    (found?.listener ?? rest)(request, response);
  });
  server.on('clientError', (error, socket) => answerBrokenRequest(error, socket, underWay));
  return {
    server,
    mount: (prefixes, listener) => prefixes.forEach((prefix) => mounted.push({ prefix, listener })),
    mountRest: (listener) => void (rest = listener),
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        const refuse = (error: NodeJS.ErrnoException): void => reject(new FirsthandError('CANNOT_LISTEN', reasonOf(error, port), [], { cause: error }));
        server.once('error', refuse);
        server.listen(port, host, () => {
          server.off('error', refuse);
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        underWay.forEach(endConnection);
        const cut = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function reasonOf({ code }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use.`;
  return code === 'EACCES' ? `Port ${port} is not for this user.` : `HOST is no address of this machine (${code ?? 'no code'}).`;
}

/** Tells the client not to send more on this connection; one that is kept alive would outlive the close. */
function endConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
