import { ENTITIES, type JsonObject } from '@firsthand/domain';
import { createTemplate } from '@firsthand/templating';
import { pageTexts, partText, type PageLanguage } from '../../privacy/privacy-texts.js';
import { reportPage } from '../http/report-page.js';
import type { DataUseKept, DataUsePurpose, DataUseRegister } from './data-use-register.js';

const words = {
  en: {
    title: 'Data-use register', intro: 'Who collects what, through which connection, for which purpose, shared with whom, kept how long. Made from what is configured and live.', basis: 'Ground', otherBasis: 'elsewhere', data: 'Personal data', sources: 'Collected through',
    recipients: 'Shared with', nobody: 'nobody', kept: 'Kept', days: 'days', whileThere: 'while the person stays', expires: 'Consent ends after', separate: 'Separate consent for', channels: 'Channels', agreements: 'Agreements', segments: 'Segments',
    flows: 'by', version: 'version', none: 'none', field: 'Field', meaning: 'Meaning', pii: 'Class', fieldKept: 'Kept in fact', keptInFact: 'Kept in fact', to: 'to', for: 'for', refused: 'After a refusal, what only the refused purpose covers is kept for this long at most, unused', profile: 'profile', identity: 'identities', event: 'events', order: 'orders', product: 'products', store: 'stores', consent: 'consents',
  },
  'zh-CN': {
    title: '数据使用登记册', intro: '谁通过哪个连接、出于什么目的收集哪些数据，与谁共享，保存多久。根据当前配置和运行状态生成。', basis: '依据', otherBasis: '其他地区', data: '个人数据', sources: '收集渠道',
    recipients: '共享对象', nobody: '无', kept: '保存期限', days: '天', whileThere: '客户关系存续期间', expires: '同意有效期', separate: '须单独同意的事项', channels: '联系方式', agreements: '协议', segments: '人群',
    flows: '流程', version: '版本', none: '无', field: '字段', meaning: '含义', pii: '类别', fieldKept: '实际保存期限', keptInFact: '实际保存期限', to: '至', for: '用于', refused: '客户拒绝后，仅由该目的涵盖的数据最多保留以下期限，且不使用', profile: '画像', identity: '标识', event: '事件', order: '订单', product: '商品', store: '门店', consent: '同意',
  },
} as const;

const page = reportPage({
  maxWidth: '60rem',
  styles: `section { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: .5rem; margin: 1rem 0; padding: .5rem 1rem; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; }`,
  body: `<p>{{t.intro}}</p>
{{#each purposes}}
<section aria-labelledby="{{key}}">
<h2 id="{{key}}">{{name}}</h2>
<p>{{description}}</p>
<dl>
{{#each lines}}<dt>{{label}}</dt><dd>{{#if items}}<ul>{{#each items}}<li>{{this}}</li>{{/each}}</ul>{{else}}{{value}}{{/if}}</dd>
{{/each}}</dl>
<details><summary>{{@root.t.data}} ({{count}})</summary>
<div class="scroll"><table><thead><tr><th scope="col">{{@root.t.field}}</th><th scope="col">{{@root.t.meaning}}</th><th scope="col">{{@root.t.pii}}</th><th scope="col">{{@root.t.fieldKept}}</th></tr></thead>
<tbody>{{#each fields}}<tr><td><code>{{path}}</code></td><td>{{description}}</td><td>{{pii}}</td><td>{{kept}}</td></tr>{{/each}}</tbody></table></div></details>
</section>
{{/each}}
<p>{{t.refused}}: {{refused}}.</p>`,
});

const markdown = createTemplate(`# {{t.title}}: {{workspaceId}}

{{t.intro}}
{{#each purposes}}

## {{name}} (\`{{key}}\`)
{{description}}

{{#each lines}}- **{{label}}**: {{#if items}}{{#each items}}{{this}}{{#unless @last}}; {{/unless}}{{/each}}{{else}}{{value}}{{/if}}
{{/each}}- **{{@root.t.data}}**: {{#each fields}}\`{{path}}\`{{#unless @last}}, {{/unless}}{{/each}}
{{/each}}

{{t.refused}}: {{refused}}.
`, { format: 'text' });

/** The register as a page that needs no script. */
export function renderDataUsePage(register: DataUseRegister, { language, nonce }: { language: PageLanguage; nonce: string }): string {
  return page({ nonce, ...contentOf(register, language) });
}

/** The register as Markdown. */
export function renderDataUseMarkdown(register: DataUseRegister, language: PageLanguage): string {
  return markdown(contentOf(register, language));
}

function contentOf({ workspaceId, purposes, refusedDays }: DataUseRegister, language: PageLanguage): JsonObject {
  return {
    language, workspaceId, t: words[language], refused: inDays(refusedDays, language),
    purposes: purposes.map((purpose) => ({ key: purpose.key, name: purpose.name, description: purpose.description, lines: linesOf(purpose, language), count: purpose.fields.length, fields: purpose.fields.map(({ path, description, pii, keptDays }) => ({ path, description, pii, kept: inDays(keptDays, language) })) })),
  };
}

function inDays(days: number | null, language: PageLanguage): string {
  const t = words[language];
  return days === null ? t.whileThere : `${days} ${t.days}`;
}

/** For one kind of data: how long, from what is kept the shortest, and for which purposes. */
function keptInWords({ category, leastDays, mostDays, keptBy }: DataUseKept, language: PageLanguage): string {
  const t = words[language];
  const span = leastDays === mostDays ? inDays(mostDays, language) : `${inDays(leastDays, language)} ${t.to} ${inDays(mostDays, language)}`;
  // An entity of the workspace's own is called what it is called.
  const name = ENTITIES.find((entity) => entity === category);
  return `${name === undefined ? category : t[name]}: ${span}${keptBy.length === 0 ? '' : ` (${t.for} ${keptBy.join(', ')})`}`;
}

function linesOf(purpose: DataUsePurpose, language: PageLanguage): JsonObject[] {
  const [t, terms] = [words[language], pageTexts(language)];
  const line = (label: string, value: string): JsonObject => ({ label, value: value === '' ? t.none : value, items: [] });
  const lines = (label: string, items: string[], none: string): JsonObject => ({ label, items, value: none });
  const others = Object.entries(purpose.lawfulBasisIn).map(([country, basis]) => `${country}: ${terms[`basis.${basis}`]}`).join(', ');
  return [
    line(t.basis, `${terms[`basis.${purpose.lawfulBasis}`]}${others === '' ? '' : ` (${t.otherBasis}: ${others})`}`),
    lines(t.agreements, purpose.agreements.map(({ agreementId, version }) => `${agreementId}, ${t.version} ${version}`), t.none),
    lines(t.sources, purpose.collectedBy.map(({ name, connectionId, statement }) => `${name} (${connectionId})${statement === '' ? '' : `: ${statement}`}`), t.nobody),
    lines(t.recipients, purpose.sharedWith.map(({ name, connectionId, recipient, country, actions, flows }) => `${name} (${connectionId}, ${terms[`recipient.${recipient}`]}${country === null ? '' : `, ${country}`}): ${actions.join(', ')}; ${t.flows} ${flows.join(', ')}`), t.nobody),
    line(t.separate, purpose.separateConsent.map((part) => terms[`separate.${part}`]).join(terms.comma)),
    line(t.channels, purpose.channels.map((channel) => partText(channel, terms)).join(terms.comma)),
    line(t.kept, inDays(purpose.retentionDays, language)),
    lines(t.keptInFact, purpose.kept.map((one) => keptInWords(one, language)), t.none),
    line(t.expires, purpose.expiresAfterDays === null ? '' : `${purpose.expiresAfterDays} ${t.days}`),
    line(t.segments, purpose.segments.join(', ')),
  ];
}
