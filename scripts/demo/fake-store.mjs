import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Starts a fake of a store's own customer service: it takes signed messages alone, and writes down which phone number each address has.
 * @param {(handle: (request: { text: string, headers: Record<string, string | undefined> }) => { status: number }) => Promise<{ url: string, close: () => Promise<void> }>} startServer
 * @returns {Promise<{ settings: { url: string, secret: string }, numbersOf: (email: string) => string[], close: () => Promise<void> }>} `numbersOf`: each that it was told, the first one first
 */
export async function startFakeStore(startServer) {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const told = [];
  const { url, close } = await startServer(({ text, headers }) => {
    if (!isSigned(text, headers, secret)) return { status: 401 };
    const { type, data } = JSON.parse(text);
    if (type === 'profile.updated') told.push(data);
    return { status: 204 };
  });
  return { settings: { url: `${url}/customers`, secret }, numbersOf: (email) => told.filter(({ identities }) => [identities.email].flat().includes(email)).map(({ profile }) => profile.phone), close };
}

/** Per Standard Webhooks. */
function isSigned(text, headers, secret) {
  const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest();
  const [, given = ''] = (headers['webhook-signature'] ?? '').split(',');
  const signature = Buffer.from(given, 'base64');
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
