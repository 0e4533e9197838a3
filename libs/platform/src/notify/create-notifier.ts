import { createHmac } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import type { Notice, Notifier } from '@firsthand/pipeline';
import nodemailer from 'nodemailer';
import { noticeText } from './notice-text.js';

const TIMEOUT_MS = 10_000;

/** How notices leave. The webhook goes first where both are set: it may know other ways than email. */
export interface NotifierOptions {
  /** `smtp://user:password@host:587`, or `smtps://…`. */
  smtpUrl: string | undefined;
  /** The sender's address. */
  mailFrom: string | undefined;
  webhookUrl: string | undefined;
  /** Signs the webhook's bodies. */
  webhookSecret: string | undefined;
}

/**
 * Makes the notifier of a host: by webhook, by SMTP, or none.
 *
 * @throws FirsthandError UNAVAILABLE, from `notify`, when nobody took the notice; the address stands in no message
 * @example await createNotifier({ smtpUrl, mailFrom, webhookUrl: undefined, webhookSecret: undefined }).notify(notice);
 */
export function createNotifier({ smtpUrl, mailFrom, webhookUrl, webhookSecret }: NotifierOptions): Notifier {
  if (webhookUrl !== undefined && webhookSecret !== undefined) return { isConfigured: true, takesNumbers: true, notify: (notice) => post(webhookUrl, webhookSecret, notice) };
  if (smtpUrl === undefined || mailFrom === undefined) return { isConfigured: false, notify: () => Promise.reject(new FirsthandError('UNAVAILABLE', 'No way to send notices is configured.')) };
  const transport = nodemailer.createTransport({ url: smtpUrl, connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS, disableFileAccess: true, disableUrlAccess: true });
  return {
    isConfigured: true,
    async notify(notice) {
      if (!notice.to.includes('@')) throw new FirsthandError('UNAVAILABLE', 'Text messages go by the webhook alone, which is not configured.');
      try {
        await transport.sendMail({ from: mailFrom, to: { name: '', address: notice.to }, ...noticeText(notice) });
      } catch {
        // The server's answer quotes the address.
        throw new FirsthandError('UNAVAILABLE', 'The mail server did not take the notice.', [], { retryAfterSeconds: 30 });
      }
    },
  };
}

/** JSON, signed: `x-firsthand-signature: sha256=<HMAC-SHA256 of the body, hex>`. */
async function post(url: string, secret: string, notice: Notice): Promise<void> {
  const body = JSON.stringify({ ...notice, ...noticeText(notice), expiresAt: notice.expiresAt === null ? null : new Date(notice.expiresAt).toISOString() });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const status = await fetch(url, { method: 'POST', redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { 'content-type': 'application/json', 'x-firsthand-signature': `sha256=${signature}` }, body })
    .then(async (response) => { await response.body?.cancel(); return response.status; }, () => 0);
  if (status < 200 || status > 299) throw new FirsthandError('UNAVAILABLE', 'The receiver of notices did not take the notice.', [], { retryAfterSeconds: 30 });
}
