import type { ExportedFile } from '@firsthand/pipeline';
import { createTemplate } from '@firsthand/templating';
import type { PageLanguage } from './privacy-texts.js';

const TEXTS = {
  en: { title: 'Your data is ready', lead: 'Each file can be fetched once, and is deleted then.', until: 'Until', json: 'Save the file for machines (JSON)', html: 'Save the page to read and print', gone: 'fetched already', over: 'This link is not valid any more. Ask us for a new copy.' },
  'zh-CN': { title: '您的数据已准备好', lead: '每个文件只能获取一次，获取后即删除。', until: '有效期至', json: '保存机器可读文件（JSON）', html: '保存可阅读和打印的页面', gone: '已获取', over: '此链接已失效，请向我们索取新的副本。' },
} as const satisfies Record<PageLanguage, Record<string, string>>;

const page = createTemplate(`<!doctype html>
<html lang="{{language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{t.title}}</title>
<style nonce="{{nonce}}">
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 40rem; padding: 1rem; }
button { font: inherit; padding: .6rem 1rem; width: 100%; }
</style>
</head>
<body>
<main>
<h1>{{t.title}}</h1>
{{#if isOpen}}<p>{{t.lead}} {{t.until}} <time datetime="{{expiresAt}}">{{when}}</time>.</p>
{{#each files}}{{#if isGone}}<p>{{label}}: {{../t.gone}}</p>
{{else}}<form method="post" action="{{../action}}"><input type="hidden" name="token" value="{{../token}}"><input type="hidden" name="format" value="{{format}}"><p><button>{{label}}</button></p></form>
{{/if}}{{/each}}{{else}}<p role="alert">{{t.over}}</p>
{{/if}}</main>
</body>
</html>
`);

/** The page that the link to a copy leads to: a button for each file, since mail scanners open links. */
export function renderExportPage({ language, nonce, action, token, open }: { language: PageLanguage; nonce: string; action: string; token: string; open: { files: readonly ExportedFile[]; expiresAt: number } | null }): string {
  const t = TEXTS[language];
  return page({
    language, nonce, action, token, t, isOpen: open !== null, expiresAt: open === null ? null : new Date(open.expiresAt).toISOString(),
    when: open === null ? null : new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(open.expiresAt), files: (open?.files ?? []).map(({ format, fetchedAt }) => ({ format, label: t[format], isGone: fetchedAt !== null })),
  });
}
