import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FirsthandError } from '@firsthand/domain';
import type { Notice } from '@firsthand/pipeline';
import { SMTPServer } from 'smtp-server';
import { createNotifier } from './create-notifier.js';

const NOTICE: Notice = { kind: 'invitation', to: 'ana@example.com', language: 'en', workspaceName: 'Acme\r\nBcc: all@example.com', link: 'https://x.example.com/?token=t', expiresAt: Date.UTC(2026, 10, 24, 8) };
const NONE = { smtpUrl: undefined, mailFrom: undefined, webhookUrl: undefined, webhookSecret: undefined };
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

describe('by SMTP', () => {
  const mails: { to: string[]; text: string }[] = [];
  let isRefusing = false;
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() });
        done(isRefusing ? new Error('ana@example.com is unknown') : null);
      });
    },
  });
  beforeAll(() => new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); }));
  afterAll(() => new Promise<void>((resolve) => { server.close(() => resolve()); }));
  const notifier = () => createNotifier({ ...NONE, smtpUrl: `smtp://127.0.0.1:${portOf(server.server)}`, mailFrom: 'Acme <no-reply@example.com>' });

  it('hands over one mail to the one address, whatever the workspace is called', async () => {
    await notifier().notify(NOTICE);
    expect(mails.map(({ to }) => to)).toEqual([['ana@example.com']]);
    expect(mails[0]?.text).toMatch(/^Subject: Your account at Acme Bcc: all@example.com/m);
    expect(mails[0]?.text).not.toMatch(/^Bcc:/m);
    expect(mails[0]?.text).toContain('Valid until 2026-11-24 08:00 UTC');
  });

  it('says that it was not taken, without the address', async () => {
    isRefusing = true;
    const error = await notifier().notify(NOTICE).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FirsthandError);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(String((error as FirsthandError).detail)).not.toContain('ana@');
  });
});

describe('by webhook', () => {
  const bodies: { body: string; signature: unknown }[] = [];
  let status = 204;
  let server: Server;
  beforeAll(() => new Promise<void>((resolve) => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
        bodies.push({ body, signature: request.headers['x-firsthand-signature'] });
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1', resolve);
  }));
  afterAll(() => new Promise<void>((resolve) => { server.close(() => resolve()); }));

  it('hands over the notice, signed', async () => {
    const notifier = createNotifier({ ...NONE, webhookUrl: `http://127.0.0.1:${portOf(server)}/`, webhookSecret: 'secret' });
    await notifier.notify({ ...NOTICE, language: 'zh-CN' });
    const [{ body, signature } = { body: '', signature: '' }] = bodies;
    expect(JSON.parse(body)).toMatchObject({ kind: 'invitation', to: 'ana@example.com', link: NOTICE.link, expiresAt: '2026-11-24T08:00:00.000Z', subject: expect.stringContaining('账户') as unknown });
    expect(signature).toBe(`sha256=${createHmac('sha256', 'secret').update(body).digest('hex')}`);
    status = 500;
    await expect(notifier.notify(NOTICE)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

it('says when there is no way', async () => {
  expect(createNotifier(NONE).isConfigured).toBe(false);
  await expect(createNotifier(NONE).notify(NOTICE)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
