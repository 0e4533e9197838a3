import type { BodySigner } from '@firsthand/access';
import { FirsthandError, type OpenDsrStatus } from '@firsthand/domain';
import type { PrivacyRequestRow } from '@firsthand/pipeline';
import type { HttpClient } from '@firsthand/plugin-sdk';
import { signedHeaders } from './signed-headers.js';
import { statusBody, type StatusDependencies } from './status-body.js';

/** Less than a lease, by far. */
const TIMEOUT_MS = 10_000;

/**
 * Tells an address of a change of a request: OpenDSR 2.0, section 8.6. It goes through the host's client, to public addresses alone unless the operator allows others, and no redirect is followed.
 *
 * @throws FirsthandError UNAVAILABLE, from the function made, for every answer but 2xx; PluginError when there was none
 */
export function sendRequestCallback({ http, bodySigner, ...dependencies }: StatusDependencies & { http: HttpClient; bodySigner: BodySigner }): (row: PrivacyRequestRow, status: OpenDsrStatus, url: string) => Promise<void> {
  return async (row, told, url) => {
    const text = JSON.stringify({ ...(await statusBody(row, dependencies, told)), status_callback_url: url });
    const { status } = await http.request({ method: 'POST', url, text, headers: { 'content-type': 'application/json', ...signedHeaders(bodySigner, text) }, timeoutMs: TIMEOUT_MS });
    if (status < 200 || status > 299) throw new FirsthandError('UNAVAILABLE', 'The address of a callback did not take it.');
  };
}
