import type { TenantCall } from './tenant-calls.js';

/** A row of `TENANT_CALLS` with its route. */
export interface NamedCall {
  name: string;
  verb: string;
  path: string;
  call: TenantCall;
}

export interface TenantAnswer {
  status: number;
  /** Without the id of the request, which is another one each time; null where the answer is none. */
  problem: object | null;
}

/**
 * Makes a call about the things that `idOf` gives for the names in its row. A stream is let go of once it has begun.
 *
 * @example const { status } = await askTenant(host.url, call, (thing) => thing, `Bearer ${token}`);
 */
export async function askTenant(baseUrl: string, { verb, path, call: { ids, query, body, contentType = 'application/json' } }: NamedCall, idOf: (thing: string) => string, authorization: string | undefined): Promise<TenantAnswer> {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(idOf(ids[name] ?? '')));
  const response = await fetch(`${baseUrl}${address}${query === undefined ? '' : `?${query}`}`, {
    method: verb, redirect: 'manual', body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    headers: {
      ...(body === undefined ? {} : { 'content-type': contentType }), ...(authorization === undefined ? {} : { authorization }), ...(verb === 'PUT' || verb === 'DELETE' ? { 'if-match': '"1"' } : {}),
    },
  });
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status: response.status, problem: null };
  }
  const text = await response.text();
  return { status: response.status, problem: type.startsWith('application/problem+json') ? { ...JSON.parse(text) as object, requestId: null } : null };
}
