import { FirsthandError, type JsonObject } from '@firsthand/domain';
import type { QualityAlertRow } from '@firsthand/pipeline';
import { standardWebhooksSign, type HttpClient } from '@firsthand/plugin-sdk';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

/** Less than a lease. */
const TIMEOUT_MS = 5_000;

/**
 * Posts an alert to the endpoint of a destination connection of the plugin `webhook`, as that posts its own messages: `{ id, type, timestamp, data }`, signed per Standard Webhooks with the
 * connection's secret. It says which expectation at which source, and counts; no values.
 *
 * @throws FirsthandError UNAVAILABLE, from the function made, where the connection is not enabled and for every answer but 2xx; PluginError when there was none
 */
export function sendQualityAlert({ configuration, http, clock, publicUrl }: { configuration: Pick<ConfigurationSnapshot, 'workspace'>; http: HttpClient; clock: () => number; publicUrl: string }): (alert: QualityAlertRow) => Promise<void> {
  return async ({ alertId, workspaceId, expectationId, connectionId, tidings, to, content, createdAt }) => {
    const connection = configuration.workspace(workspaceId).destinations.get(to);
    const { url, secret, arrays } = connection?.settings ?? {};
    if (connection?.status !== 'enabled' || typeof url !== 'string' || typeof secret !== 'string') throw new FirsthandError('UNAVAILABLE', 'The connection that alerts go to is not enabled.');
    const now = clock();
    const id = alertId.slice(workspaceId.length + 1);
    const data = { workspaceId, expectationId, connectionId, ...content, at: new Date(createdAt).toISOString(), report: `${publicUrl}/quality/${encodeURIComponent(workspaceId)}` };
    const message: JsonObject = { id, type: `quality.${tidings}`, timestamp: new Date(now).toISOString(), data };
    const text = JSON.stringify(arrays === true ? [message] : message);
    const { status } = await http.request({ method: 'POST', url, text, headers: { 'content-type': 'application/json', ...standardWebhooksSign({ id, now, body: text, secret }) }, timeoutMs: TIMEOUT_MS });
    if (status < 200 || status > 299) throw new FirsthandError('UNAVAILABLE', 'The receiver of alerts did not take one.');
  };
}
