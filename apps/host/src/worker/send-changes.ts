import { FirsthandError } from '@firsthand/domain';
import { FEED_TIMEOUT_MS, type ChangeFeedOptions, type Clock } from '@firsthand/pipeline';
import { standardWebhooksSign, type HttpClient } from '@firsthand/plugin-sdk';
import { encodeChangeCursor } from '../admin/changes/change-cursor.js';

/**
 * Posts a message of changes to a webhook, signed per Standard Webhooks with the secret of its connection. It goes through the host's client, to public addresses alone unless the operator allows others.
 *
 * @throws FirsthandError UNAVAILABLE, from the function made, for every answer but 2xx; PluginError when there was none
 */
export function sendChanges({ http, clock }: { http: HttpClient; clock: Clock }): ChangeFeedOptions['send'] {
  return async ({ settings, connectionId }, message) => {
    const cursor = encodeChangeCursor(message, message.last);
    const now = clock();
    const data = message.type === 'gap' ? { connectionId, resumesAfter: cursor }
      : { connectionId, cursor, changes: message.changes.map(({ number, at, ...change }) => ({ cursor: encodeChangeCursor(message, number), at: new Date(at).toISOString(), ...change })) };
    // The same message has the same id, however often it is sent.
    const id = `${message.type}_${cursor}`;
    const text = JSON.stringify({ id, type: message.type === 'gap' ? 'person.changes-missed' : 'person.changed', timestamp: new Date(now).toISOString(), data });
    const headers = { 'content-type': 'application/json', ...standardWebhooksSign({ id, now, body: text, secret: String(settings.secret) }) };
    const { status } = await http.request({ method: 'POST', url: String(settings.url), headers, text, timeoutMs: FEED_TIMEOUT_MS });
    if (status < 200 || status > 299) throw new FirsthandError('UNAVAILABLE', 'The webhook did not take a message of changes.');
  };
}
