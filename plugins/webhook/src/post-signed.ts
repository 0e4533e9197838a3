import { classifyResponse, standardWebhooksSign, type HttpResponse, type JsonValue, type SendContext } from '@firsthand/plugin-sdk';
import type { WebhookSettings } from './settings.js';

export type WebhookContext = SendContext<WebhookSettings>;

/**
 * Posts one JSON body, signed per Standard Webhooks over the exact text that is sent. Gives the answer.
 *
 * @throws what `classifyResponse` makes of the answer; RetryableError for a failure of the network; InvalidCredentials for a secret of another form.
 */
export async function postSigned({ settings, http, signal, now }: WebhookContext, id: string, body: JsonValue): Promise<HttpResponse> {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', ...standardWebhooksSign({ id, now, body: text, secret: settings.secret }) };
  const response = await http.request({ method: 'POST', url: settings.url, headers, text }, { signal });
  classifyResponse(response, now);
  return response;
}
