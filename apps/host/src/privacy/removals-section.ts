import type { JsonObject } from '@firsthand/domain';
import type { RemovalStatus } from '@firsthand/pipeline';
import type { RemovalView } from '../admin/removals/removal-view.js';
import type { PageLanguage } from './privacy-texts.js';

/** The part of the page that tells how far recipients have come with what the person took back. It is there once something was. */
export const REMOVALS_SECTION = `{{#if removals}}<section aria-labelledby="removals">
<h2 id="removals">{{r.title}}</h2>
<p>{{r.intro}}</p>
<div class="scroll" role="group" tabindex="0" aria-labelledby="removals"><table>
<thead><tr><th scope="col">{{r.recipient}}</th><th scope="col">{{r.status}}</th><th scope="col">{{r.since}}</th></tr></thead>
<tbody>{{#each removals}}<tr><td>{{name}}</td><td data-status="{{key}}">{{status}}</td><td><time datetime="{{at}}">{{when}}</time></td></tr>{{/each}}</tbody>
</table></div>
</section>{{/if}}`;

const en = {
  title: 'Taking back your data', intro: 'These recipients had got data of you under what you have taken back. We have told each of them to remove it, and go on until they confirm it.',
  recipient: 'Recipient', status: 'How far it is', since: 'Since (UTC)', unnamed: 'A former recipient',
  queued: 'Waiting to be told, or to be told again', sent: 'Told; no answer yet', confirmed: 'Confirmed: removed', failed: 'It did not succeed. We have been alerted and will see to it',
  'cannot-remove': 'The recipient cannot do this by itself. We have been alerted and will see to it', manual: 'It got this as a list in a file. We have to ask it ourselves, and have been alerted', 'not-needed': 'Nothing to remove any more',
};
type RemovalTexts = Record<keyof typeof en, string> & Record<RemovalStatus, string>;

const zhCn: RemovalTexts = {
  title: '收回您的数据', intro: '以下接收方曾根据您已撤回的授权收到您的数据。我们已逐一通知其删除，并会持续跟进直至对方确认。',
  recipient: '接收方', status: '进展', since: '时间（UTC）', unnamed: '以前的接收方',
  queued: '等待通知或再次通知', sent: '已通知，尚未答复', confirmed: '已确认删除', failed: '未能完成。我们已收到提醒，将跟进处理',
  'cannot-remove': '接收方无法自动删除。我们已收到提醒，将跟进处理', manual: '对方以名单文件形式收到。我们已收到提醒，将自行联系其删除', 'not-needed': '已无需删除',
};

const TEXTS: Record<PageLanguage, RemovalTexts> = { en, 'zh-CN': zhCn };

/** What {@link REMOVALS_SECTION} shows: recipients by name, without ids, and the time of what is told. */
export function removalsOf(removals: readonly RemovalView[], language: PageLanguage): JsonObject {
  const r = TEXTS[language];
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return {
    r, removals: removals.map(({ recipient, status, queuedAt, sentAt, confirmedAt }) => {
      const at = (status === 'confirmed' ? confirmedAt : status === 'sent' ? sentAt : null) ?? queuedAt;
      return { name: recipient.name ?? r.unnamed, key: status, status: r[status], at, when: format.format(Date.parse(at)) };
    }),
  };
}
