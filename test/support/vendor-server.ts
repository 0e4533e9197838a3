import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the fake vendor got it. Header names in lower case. */
export interface VendorRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | undefined>;
  text: string;
}

/** What the fake vendor answers: `json` or nothing. */
export interface VendorAnswer {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
}

/** Trouble for the next requests that match. */
export interface VendorFault {
  /** How many requests; default 1. */
  times?: number;
  /** Only requests to these paths. */
  path?: RegExp;
  /** Only requests for which this holds. */
  when?: (request: VendorRequest) => boolean;
  /** Waits before anything else. */
  delayMs?: number;
  /** `before`: the connection is reset and nothing was done; `after`: all was done, then the connection is reset without an answer. */
  reset?: 'before' | 'after';
  /** Headers, and a body that never ends; nothing was done. */
  hang?: boolean;
  /** Answered in place of the vendor's own answer; nothing was done. */
  answer?: VendorAnswer;
}

export interface VendorServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Every request, in order of arrival; those that met a fault too. */
  requests: VendorRequest[];
  script(fault: VendorFault): void;
  close(): Promise<void>;
}

/**
 * Starts an HTTP server on a free port of 127.0.0.1 that answers as `handle` says, with scripted trouble.
 *
 * @example const server = await startVendorServer(() => ({ status: 204 })); server.script({ times: 2, answer: { status: 503 } });
 */
export async function startVendorServer(handle: (request: VendorRequest) => VendorAnswer): Promise<VendorServer> {
  const requests: VendorRequest[] = [];
  const faults: (VendorFault & { left: number })[] = [];
  const delays = new Set<NodeJS.Timeout>();

  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch((error: unknown) => {
      // A fault of the fake itself must not look like the vendor's.
      write(outgoing, { status: 599, json: { fake: error instanceof Error ? error.message : 'failed' } });
    });
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await read(incoming);
    requests.push(request);
    const fault = take(request);
    if (fault?.delayMs !== undefined) await wait(fault.delayMs);
    if (fault?.reset === 'before') return reset(incoming);
    if (fault?.hang === true) return void outgoing.writeHead(200, { 'content-length': '2' }).flushHeaders();
    const given = fault?.answer ?? handle(request);
    if (fault?.reset === 'after') return reset(incoming);
    write(outgoing, given);
  }

  function take(request: VendorRequest): VendorFault | undefined {
    const fault = faults.find(({ left, path, when }) => left > 0 && path?.test(request.path) !== false && when?.(request) !== false);
    if (fault !== undefined) fault.left -= 1;
    return fault;
  }

  function wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        delays.delete(timer);
        resolve();
      }, delayMs);
      delays.add(timer);
    });
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    script: (fault) => void faults.push({ ...fault, left: fault.times ?? 1 }),
    async close() {
      delays.forEach(clearTimeout);
      server.closeAllConnections();
      await new Promise<void>((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
    },
  };
}

async function read(incoming: IncomingMessage): Promise<VendorRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
  return { method: incoming.method ?? '', path: url.pathname, query: Object.fromEntries(url.searchParams), headers, text: Buffer.concat(chunks).toString('utf8') };
}

function write(outgoing: ServerResponse, { status, headers = {}, json }: VendorAnswer): void {
  const body = json === undefined ? '' : JSON.stringify(json);
  outgoing.writeHead(status, { ...(body === '' ? {} : { 'content-type': 'application/json;charset=utf-8' }), ...headers }).end(body);
}

function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy();
}
