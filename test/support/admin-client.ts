/** An answer of the admin plane, parsed. */
export interface AdminAnswer {
  status: number;
  // The specs look at what they expect; the plane's own schemas are checked elsewhere.
  body: Record<string, unknown>;
  etag: string | null;
  text: string;
  headers: Headers;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as `"n"`. */
  ifMatch?: unknown;
  headers?: Record<string, string>;
}

/** Calls the admin plane as one account or key. */
export interface AdminClient {
  call(method: string, path: string, options?: CallOptions): Promise<AdminAnswer>;
  get(path: string): Promise<AdminAnswer>;
  post(path: string, body?: unknown): Promise<AdminAnswer>;
  put(path: string, ifMatch: unknown, body: unknown): Promise<AdminAnswer>;
}

/**
 * Makes a client; without a token it sends no credentials.
 *
 * @example const { body } = await adminClient(host.url, token).post('/purposes', purpose);
 */
export function adminClient(baseUrl: string, token?: string): AdminClient {
  const client: AdminClient = {
    async call(method, path, { body, ifMatch, headers = {} } = {}) {
      const response = await fetch(baseUrl + (path.startsWith('/admin/') ? path : `/admin/v1${path}`), {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(ifMatch === undefined ? {} : { 'if-match': `"${String(ifMatch)}"` }), ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: parse(text), etag: response.headers.get('etag'), text, headers: response.headers };
    },
    get: (path) => client.call('GET', path),
    post: (path, body = {}) => client.call('POST', path, { body }),
    put: (path, ifMatch, body) => client.call('PUT', path, { ifMatch, body }),
  };
  return client;
}

/** Logs in and gives the client of that account. */
export async function logIn(baseUrl: string, email: string, password: string): Promise<AdminClient> {
  const { body, status } = await adminClient(baseUrl).post('/sessions', { email, password });
  if (status !== 201) throw new Error(`The login was answered with ${status}.`);
  return adminClient(baseUrl, String(body.token));
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
