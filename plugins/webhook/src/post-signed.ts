import { classifyResponse, EndpointMissing, standardWebhooksSign, type HttpResponse, type JsonValue, type SendContext } from '@firsthand/plugin-sdk';
import type { WebhookSettings } from './settings.js';

export type WebhookContext = SendContext<WebhookSettings>;

/**
 * Posts one JSON body, signed per Standard Webhooks over the exact text that is sent. Gives the answer.
 *
 * @param missing statuses which say that the address is wrong
 *
 * @throws EndpointMissing for these; what `classifyResponse` makes of the answer; RetryableError for a failure of the network; InvalidCredentials for a secret of another form.
 */
export async function postSigned({ settings, http, signal, now }: WebhookContext, id: string, body: JsonValue, missing: readonly number[] = [404, 405]): Promise<HttpResponse> {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', ...standardWebhooksSign({ id, now, body: text, secret: settings.secret }) };
  const response = await http.request({ method: 'POST', url: settings.url, headers, text }, { signal });
  if (missing.includes(response.status)) throw new EndpointMissing(`The address answered ${response.status}: there is nothing, or it takes no POST.`);
  classifyResponse(response, now);
  return response;
}
