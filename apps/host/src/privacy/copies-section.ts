import type { JsonObject } from '@firsthand/domain';
import type { ExportFormat, PersonExportRow } from '@firsthand/pipeline';
import type { PageLanguage } from './privacy-texts.js';

/** The part of the page that shows the copies of the person's data, and gives their files. It is there once there is one. */
export const COPIES_SECTION = `{{#if copies}}<section aria-labelledby="copies">
<h2 id="copies">{{c.title}}</h2>
<p id="about-copies">{{c.intro}}{{#if howToFetch}} {{howToFetch}}{{/if}}</p>
<ul class="requests">
{{#each copies}}<li data-state="{{state}}"><strong id="copy-{{@index}}">{{@root.c.askedOn}} <time datetime="{{askedAt}}">{{asked}}</time></strong><br>{{said}}{{#if until}} {{@root.c.until}} <time datetime="{{expiresAt}}">{{until}}</time>{{@root.c.stop}}{{/if}}
{{#each files}}{{#if isGone}}<p>{{label}}: {{@root.c.gone}}</p>
{{else}}{{#if @root.isFetchedHere}}<form method="post" action="{{@root.action}}/copies/{{../path}}"><input type="hidden" name="token" value="{{@root.token}}"><input type="hidden" name="format" value="{{format}}"><button type="submit" aria-describedby="copy-{{@../index}} about-copies">{{label}}</button></form>
{{/if}}{{/if}}{{/each}}</li>
{{/each}}</ul>
</section>{{/if}}`;

const en = {
  title: 'Copies of your data', intro: 'Each file can be fetched once, and is deleted then.', code: 'To fetch one, open this page by a code that we send you.', link: 'To fetch one, ask us for the link to it.', askedOn: 'Asked for on', until: 'It can be fetched until', stop: '.', gone: 'fetched',
  pending: 'It is being made. Come back to this page in a few minutes.', ready: 'It is ready.', failed: 'It could not be made. We have noted it and will see to it.', json: 'Save the file for machines (JSON)', html: 'Save the page to read and print',
};
type CopyTexts = Record<keyof typeof en, string> & Record<PersonExportRow['state'] | ExportFormat, string>;

const zhCn: CopyTexts = {
  title: '您的数据副本', intro: '每个文件只能获取一次，获取后即删除。', code: '如需获取，请通过我们发送给您的验证码打开此页面。', link: '如需获取，请向我们索取链接。', askedOn: '索取时间：', until: '可获取至', stop: '。', gone: '已获取',
  pending: '正在生成，请几分钟后再次打开此页面。', ready: '已准备好。', failed: '未能生成。我们已记录并将跟进处理。', json: '保存机器可读文件（JSON）', html: '保存可阅读和打印的页面',
};

const TEXTS: Record<PageLanguage, CopyTexts> = { en, 'zh-CN': zhCn };

/** By what the person fetches their copies: on the page as they opened it, by a code first, or by a link that staff makes. */
export type CopiesFetchedBy = 'page' | 'code' | 'link';

/** What {@link COPIES_SECTION} shows, the newest first. */
export function copiesOf(copies: readonly PersonExportRow[], fetchedBy: CopiesFetchedBy, language: PageLanguage): JsonObject {
  const c = TEXTS[language];
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    c, isFetchedHere: fetchedBy === 'page', howToFetch: fetchedBy === 'page' ? null : c[fetchedBy],
    copies: copies.map(({ exportId, workspaceId, state, createdAt, expiresAt, files }) => ({
      path: encodeURIComponent(exportId.slice(workspaceId.length + 1)), state, said: c[state], askedAt: new Date(createdAt).toISOString(), asked: day.format(createdAt), expiresAt: new Date(expiresAt).toISOString(),
      until: state === 'ready' && files.some(({ fetchedAt }) => fetchedAt === null) ? day.format(expiresAt) : null, files: files.map(({ format, fetchedAt }) => ({ format, label: c[format], isGone: fetchedAt !== null })),
    })),
  };
}
