import { InvalidPayload, type HttpRequest } from '@firsthand/plugin-sdk';

/**
 * The headers and body of a request as they go out: the content type of its kind unless the plugin names one, over the host's own headers.
 *
 * @throws InvalidPayload when more than one of `json`, `form` and `text` is given.
 */
export function requestBody({ headers = {}, json, form, text }: HttpRequest, own: Record<string, string>): { headers: Record<string, string>; body: string | null } {
  const bodies: (readonly [type: string, body: string])[] = [];
  if (json !== undefined) bodies.push(['application/json', JSON.stringify(json)]);
  if (form !== undefined) bodies.push(['application/x-www-form-urlencoded', new URLSearchParams(form).toString()]);
  if (text !== undefined) bodies.push(['text/plain; charset=utf-8', text]);
  if (bodies.length > 1) throw new InvalidPayload('A request takes one of json, form and text.');
  const [type, body] = bodies[0] ?? [];

  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { headers: { ...own, ...(type === undefined ? {} : { 'content-type': type }), ...named }, body: body ?? null };
}
