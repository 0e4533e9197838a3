import { createHmac, randomBytes } from 'node:crypto';
import { startVendorServer, type VendorFault } from './vendor-server.js';

/** A message of a host whose clock is the test's own. */
export interface Alert<Data> {
  id: string;
  type: string;
  data: Data;
}

export interface AlertReceiver<Data> {
  /** What a connection of the webhook plugin to this receiver is set to. */
  destination: { settings: { url: string }; secrets: { secret: string } };
  /** What was signed well, in order of arrival. */
  told: Alert<Data>[];
  /** Trouble for the next requests. */
  script(fault: VendorFault): void;
  close(): Promise<void>;
}

/**
 * Starts a receiver that verifies signatures and not their age, which the reference library (`fake-webhook-receiver.ts`) measures by the machine's clock.
 *
 * @example const receiver = await startAlertReceiver(); await host.seed.destination({ pluginId: 'webhook', ...receiver.destination });
 */
export async function startAlertReceiver<Data = Record<string, unknown>>(): Promise<AlertReceiver<Data>> {
  const key = randomBytes(24);
  const told: Alert<Data>[] = [];
  const { url, script, close } = await startVendorServer(({ text, headers }) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    if (headers['webhook-signature'] !== `v1,${createHmac('sha256', key).update(signed).digest('base64')}`) return { status: 401 };
    told.push(JSON.parse(text) as Alert<Data>);
    return { status: 204 };
  });
  return { destination: { settings: { url: `${url}/alerts` }, secrets: { secret: `whsec_${key.toString('base64')}` } }, told, script, close };
}
