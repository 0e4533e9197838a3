import { createDictionary, PURPOSE_DEFAULTS, UNKNOWN_SUBJECT, type ConsentState, type Purpose } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { REMOVAL_EXAMPLE, type RemovalView } from '../admin/removals/removal-view.js';
import { renderPrivacyPage } from './render-privacy-page.js';
import type { PageLanguage } from './privacy-texts.js';

const destination = (name: string, status: string) => [name, { connectionId: name, name, status, recipient: 'processor', country: 'DE', destinations: {} }] as const;
const configuration = {
  workspaceId: 'acme', version: 1, sources: new Map(), flows: [], dictionary: createDictionary(), sensitivePaths: [],
  destinations: new Map([destination('Our CRM', 'enabled'), destination('Our paused shop', 'paused'), destination('Our plan', 'draft')]),
  purposes: new Map([['ads', { key: 'ads', name: { en: 'Ads' }, description: { en: 'We show you ads.' }, lawfulBasis: 'consent', fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: [], expiresAfterDays: null }]]),
  agreements: new Map([['terms', [{ agreementId: 'terms', version: 1, isMaterial: true, purposes: ['ads'], texts: { en: 'We agree.' }, textHashes: { en: 'h' }, publishedAt: 0 }]]]),
} as unknown as WorkspaceConfiguration;
const granted = { decision: 'granted', recordId: 'r', agreementId: 'terms', agreementVersion: 1, textHash: null, method: 'toggle', effectiveAt: 1, recordedAt: 1 } as const;

function render({ consents = {}, removals = [], language = 'en', purpose = {} }: { consents?: ConsentState; removals?: RemovalView[]; language?: PageLanguage; purpose?: Partial<Purpose> }): string {
  const purposes = new Map([...configuration.purposes].map(([key, one]) => [key, { ...one, ...purpose }]));
  return renderPrivacyPage({ configuration: { ...configuration, purposes }, brand: 'Acme', agreementNames: new Map(), language, nonce: 'n', origin: 'https://example.com', person: { token: 't', consents, subject: UNKNOWN_SUBJECT, records: [], requests: [], removals, copies: [], copiesFetchedBy: 'link' }, message: undefined, canSendCodes: false, contact: undefined, now: 1_000 });
}

/** What a person has to do in the form of choices: nothing of it is asked for but switches and buttons. */
function controls(html: string): { switches: { name: string; isOn: boolean }[]; buttons: string[]; others: string[] } {
  const form = /<form[^>]*>([\s\S]*?)<\/form>/.exec(html)?.[1] ?? '';
  const inputs = [...form.matchAll(/<(input|select|textarea)\b([^>]*)>/g)].map(([, tag = '', attributes = '']) => ({ tag, type: /type="(\w+)"/.exec(attributes)?.[1] ?? 'text', name: /name="([^"]+)"/.exec(attributes)?.[1] ?? '', isOn: attributes.includes(' checked'), attributes }));
  return {
    switches: inputs.filter(({ type }) => type === 'checkbox').map(({ name, isOn }) => ({ name, isOn })),
    buttons: [...form.matchAll(/<button[^>]*name="act" value="(\w+)"/g)].map(([, value = '']) => value),
    others: inputs.filter(({ tag, type, attributes }) => tag !== 'input' || !['checkbox', 'hidden'].includes(type) || attributes.includes('required')).map(({ name }) => name),
  };
}

it('asks one step for withdrawing everything, no more for one purpose than for agreeing to it, and no reason', () => {
  const [before, after] = [render({}), render({ consents: { ads: { own: granted, processor: granted } } })].map(controls);
  expect(before?.switches).toEqual([{ name: 'purpose-ads-own', isOn: false }]);
  expect(after?.switches).toEqual([{ name: 'purpose-ads-own', isOn: true }]);
  // One purpose: the switch and the button, on the way in and on the way out. Everything: the other button alone.
  const stepsToGrant = (before?.switches.length ?? 0) + 1;
  const stepsToWithdraw = (after?.switches.length ?? 0) + 1;
  expect(stepsToWithdraw).toBe(stepsToGrant);
  expect([before?.buttons, after?.buttons]).toEqual([['save', 'withdraw'], ['save', 'withdraw']]);
  expect(after?.others).toEqual([]);
});

it('tells how far each recipient has come, in both languages, by name and without ids', () => {
  const removals: RemovalView[] = [REMOVAL_EXAMPLE, { ...REMOVAL_EXAMPLE, status: 'confirmed', confirmedAt: '2026-11-24T09:00:00.000Z', recipient: { name: null, kind: null, country: null } }];
  const [en, zh] = (['en', 'zh-CN'] as const).map((language) => render({ removals, language }));
  expect(en).toContain('<td>Our ad tool</td><td data-status="queued">Waiting to be told, or to be told again</td>');
  expect(en).toContain('<td>A former recipient</td><td data-status="confirmed">Confirmed: removed</td><td><time datetime="2026-11-24T09:00:00.000Z">');
  expect(zh).toContain('<td data-status="queued">等待通知或再次通知</td>');
  for (const html of [en, zh]) expect(html).not.toContain(REMOVAL_EXAMPLE.profileId);
  expect(render({})).not.toContain('id="removals"');
});

it('names recipients that are paused, for they have what they got, and none that is only planned', () => {
  const html = render({});
  expect(['Our CRM', 'Our paused shop', 'Our plan'].map((name) => html.includes(`<li>${name} `))).toEqual([true, true, false]);
});

it.each([
  ['en', ['profile.*', 'identities.*', 'event.*', 'segment'], 'Data: your details, such as name and address; what we know you by, such as email address, phone number and membership number; what you do with us, such as visits and purchases; groups that we count you in.'],
  ['zh-CN', ['profile.*', 'segment'], '依据：您的同意。数据：您的基本资料，如姓名和地址；您所属的人群。'],
  ['en', ['profile.email', 'identities.email', 'profile.language'], 'Data: Email address; Language the person wants to be addressed in.'],
  ['zh-CN', ['profile.email', 'identities.email', 'profile.language'], '数据：电子邮箱；您的基本资料，如姓名和地址。'],
] as const)('tells customers in %s what data a purpose of %j uses, in words and not in names of fields', (language, fields, said) => {
  expect(render({ language, purpose: { fields: [...fields] } })).toContain(said);
});

it('calls data as the brand does, and countries by their names', () => {
  const html = render({ language: 'zh-CN', purpose: { fields: ['*'], dataCategories: ['联系方式', '购买记录'] } });
  expect(html).toContain('数据：联系方式；购买记录。');
  expect(html).toContain('<li>Our CRM（受我们委托的处理方，德国）</li>');
});
