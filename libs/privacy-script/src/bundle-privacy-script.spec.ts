import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { bundlePrivacyScript } from './bundle-privacy-script.js';

it('is smaller than 5 KB gzipped, evaluates no text as code and parses no markup', () => {
  const { code, integrity } = bundlePrivacyScript();
  expect(gzipSync(code).length).toBeLessThan(5_000);
  expect(gzipSync(code).length).toBeGreaterThan(1_000);
  expect(code).not.toMatch(/\beval\(|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.style\b|STYLES/u);
  expect(integrity).toBe(`sha384-${createHash('sha384').update(code).digest('base64')}`);
});
