import { randomBytes } from 'node:crypto';
import type { Response } from 'express';

/**
 * Answers with a page of a person's: kept by nobody, told to no other site, and under a policy that allows its own styles and forms and nothing else.
 *
 * @param render gives the page; its style element carries the nonce
 * @example sendPage(response, 200, (nonce) => renderExportPage({ ...input, nonce }));
 */
export function sendPage(response: Response, status: number, render: (nonce: string) => string): void {
  const nonce = randomBytes(16).toString('base64');
  response.status(status)
    .setHeader('Content-Security-Policy', `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`)
    .setHeader('Cache-Control', 'no-store').setHeader('Referrer-Policy', 'no-referrer').setHeader('Vary', 'Accept-Language')
    .type('html').send(render(nonce));
}
