import type { MaskedExchange } from '../ports/rows.js';
import type { Exchange } from './exchange.js';

const MASK = '***';
/** Headers whose values say nothing of a person and hold no secret: what a vendor's support asks for, and what a pause rests on. */
const SHOWN = /^(content-type|content-length|retry-after|(x-)?ratelimit(-(limit|remaining|reset|policy))?|.*(request|trace|correlation)-?id)$/;
/** Of a shown header: a value that looks like anything else is masked too. */
const PLAIN = /^[\w .,;:"=/+-]{1,120}$/;
/** A key that is a name; keys that are values (addresses, numbers) are not told. */
const NAME = /^[A-Za-z_$][\w$-]{0,63}$/;
const MAX_FIELDS = 100;
const MAX_DEPTH = 4;

/**
 * What of an exchange may be stored and shown: method, origin, status, names of headers and fields. No path (it may hold an address or a secret), no value of
 * a field, no header value but a few of the vendor's own. The whole holds no personal data.
 */
export function maskExchange({ request, response, at, durationMs }: Exchange): MaskedExchange {
  const { json, form, text } = request;
  return {
    at, durationMs: Math.round(durationMs),
    request: { method: request.method, origin: originOf(request.url), headers: maskHeaders(request.headers ?? {}), fields: json !== undefined ? fieldNames(json) : form !== undefined ? fieldNames(form) : fieldsOfText(text) },
    response: response === null ? null : { status: response.status, headers: maskHeaders(response.headers), fields: fieldsOfText(response.text) },
  };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

function maskHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => {
    const lower = name.toLowerCase();
    return [lower, SHOWN.test(lower) && PLAIN.test(value) ? value : MASK];
  }));
}

function fieldsOfText(text: string | undefined): string[] {
  if (text === undefined || !/^\s*[[{]/.test(text)) return [];
  try {
    return fieldNames(JSON.parse(text));
  } catch {
    // Cut off, or no JSON: nothing is told of it.
    return [];
  }
}

/** Paths of the names in a JSON value, those of a list's items once: `event.name`, `[].id`. */
function fieldNames(value: unknown): string[] {
  const names = new Set<string>();
  const walk = (node: unknown, path: string, depth: number): void => {
    if (names.size >= MAX_FIELDS || depth > MAX_DEPTH || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node.slice(0, 20)) walk(item, `${path}[]`, depth);
      return;
    }
    for (const [key, inner] of Object.entries(node)) {
      if (names.size >= MAX_FIELDS) return;
      const own = `${path}${path === '' ? '' : '.'}${NAME.test(key) ? key : MASK}`;
      if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && depth < MAX_DEPTH) walk(inner, own, depth + 1);
      else names.add(own);
    }
  };
  walk(value, '', 0);
  return [...names].sort();
}
