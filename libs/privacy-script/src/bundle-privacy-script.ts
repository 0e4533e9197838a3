import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, transformSync } from 'esbuild';

/** The script as browsers get it. */
export interface PrivacyScript {
  code: string;
  /** Subresource Integrity (W3C) of the code: what a page may pin it to. */
  integrity: string;
}

/** From `src` and `dist` alike. */
const FOLDER = join(import.meta.dirname, '../src/browser');
/** Browsers since 2020 take it. */
const SYNTAX = 'es2020';

let bundled: PrivacyScript | undefined;

/**
 * Bundles and minifies the script from its sources, once per process: the same sources give the same bytes.
 *
 * @example const { code, integrity } = bundlePrivacyScript();
 */
export function bundlePrivacyScript(): PrivacyScript {
  return (bundled ??= bundle());
}

function bundle(): PrivacyScript {
  const styles = transformSync(readFileSync(join(FOLDER, 'banner.css'), 'utf8'), { loader: 'css', minify: true, charset: 'utf8' }).code.trim();
  const { outputFiles: [file] } = buildSync({
    entryPoints: [join(FOLDER, 'index.ts')], bundle: true, minify: true, format: 'iife', target: SYNTAX, charset: 'utf8', write: false, legalComments: 'none', logLevel: 'silent',
    define: { STYLES: JSON.stringify(styles) },
  });
  const code = file?.text ?? '';
  return { code, integrity: `sha384-${createHash('sha384').update(code).digest('base64')}` };
}
