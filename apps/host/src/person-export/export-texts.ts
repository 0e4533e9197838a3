import type { PageLanguage } from '../privacy/privacy-texts.js';

const en = {
  title: 'A copy of your data', contents: 'Contents', nothing: 'Nothing.', yes: 'yes', no: 'no',
  intro: 'This is everything that we hold about you, as of the time above. What records that are about you say of somebody else, such as the recipient of a gift, is in here as you or we wrote it. A record that has turned out to be about another person is named and not shown.',
  end: 'Times are UTC. The file for machines that comes with this page holds the same in JSON.',
  'section.profile': 'Who you are here', 'note.profile': 'The record that everything else belongs to.',
  'section.identities': 'By what we know you', 'note.identities': 'Addresses, numbers and devices that lead to you.',
  'section.traits': 'What we know of you', 'note.traits': 'Each value with where it comes from and since when. Where several sources say something, one of them is in use.',
  'section.activity': 'What we counted', 'note.activity': 'How often and when you did what.',
  'section.segments': 'Groups you are or were in', 'note.segments': 'Formed by rules over your data, or by a list.',
  'section.decisions': 'What stands of your decisions', 'note.decisions': 'What we may use your data for at the moment, and why or why not.',
  'section.consents': 'What you decided', 'note.consents': 'Each decision ever. The file for machines has a signed receipt of each, which proves it without us.',
  'section.requests': 'What you asked us for', 'note.requests': 'Requests about your data.',
  'section.recipients': 'Who received data of yours', 'note.recipients': 'Each recipient with the fields that they got, for what and on which ground.',
  'section.deliveries': 'Each single sending', 'note.deliveries': 'What was sent or was not, and why.',
  'section.events': 'What you did', 'note.events': 'As we understood it and, for a short time, as it came to us.',
  'section.orders': 'Your orders', 'note.orders': 'What you ordered, paid, returned.',
  'section.runs': 'Automatic processes that concern you', 'note.runs': 'Where you stand in them, and how they ended.',
  'section.contacts': 'When we wrote to you', 'note.contacts': 'Messages, so that they do not become too many.',
  'section.unusedRecords': 'Records that we could not use', 'note.unusedRecords': 'Set aside because they did not fit; they name you.',
};
export type ExportTexts = Record<keyof typeof en, string>;

const zhCn: ExportTexts = {
  title: '您的数据副本', contents: '目录', nothing: '无。', yes: '是', no: '否',
  intro: '以下是截至上述时间我们持有的关于您的全部信息。您的记录中涉及他人的内容（例如礼物的收件人）按您或我们记录的原样保留。后来发现属于他人的记录仅列出，不展示内容。',
  end: '时间均为 UTC。随本页提供的机器可读文件以 JSON 格式包含相同内容。',
  'section.profile': '您在这里的身份', 'note.profile': '其他所有内容所属的档案。',
  'section.identities': '我们通过什么识别您', 'note.identities': '指向您的地址、号码和设备。',
  'section.traits': '我们了解的关于您的信息', 'note.traits': '每项内容及其来源和时间。多个来源的说法不同时，使用其中一个。',
  'section.activity': '我们统计的内容', 'note.activity': '您做过什么、多少次、何时。',
  'section.segments': '您所在或曾在的分组', 'note.segments': '根据您的数据按规则形成，或通过名单形成。',
  'section.decisions': '您的决定目前的效力', 'note.decisions': '目前我们可以将您的数据用于什么，以及原因。',
  'section.consents': '您作出的决定', 'note.consents': '您的每一次决定。机器可读文件中附有无需我们即可验证的签名回执。',
  'section.requests': '您向我们提出的请求', 'note.requests': '与您的数据有关的请求。',
  'section.recipients': '谁收到了您的数据', 'note.recipients': '每个接收方及其收到的字段、目的和依据。',
  'section.deliveries': '每一次发送', 'note.deliveries': '发送或未发送的内容及原因。',
  'section.events': '您做过的事', 'note.events': '我们所理解的内容，以及短期内保留的原始记录。',
  'section.orders': '您的订单', 'note.orders': '您订购、支付、退回的内容。',
  'section.runs': '涉及您的自动化流程', 'note.runs': '您处于哪一步，以及如何结束。',
  'section.contacts': '我们何时联系过您', 'note.contacts': '用于避免联系过于频繁。',
  'section.unusedRecords': '我们未能使用的记录', 'note.unusedRecords': '因不符合要求而被搁置、提及您的记录。',
};

/** Columns and fields that have a name for people; what has none is shown by its own. */
const LABELS: Record<PageLanguage, Readonly<Record<string, string>>> = {
  en: {
    namespace: 'Kind', value: 'Value', isVerified: 'Proven', since: 'Since', field: 'Field', source: 'From', at: 'Time', name: 'Name', count: 'Times', first: 'First', last: 'Last', id: 'Number', isMember: 'In it', purpose: 'Purpose', recipient: 'Recipient',
    isAllowed: 'Allowed', reason: 'Reason', validUntil: 'Until', kind: 'Kind', status: 'Status', receivedAt: 'Received', dueAt: 'Answer due', channel: 'Channel', deliveryId: 'Sending', words: 'In words', fields: 'Fields', country: 'Country', decision: 'Decision',
    isWithheld: 'Withheld', isInUse: 'In use', raw: 'As it came', properties: 'Details', order: 'Order', receipt: 'Receipt', createdAt: 'Since',
  },
  'zh-CN': {
    namespace: '类型', value: '值', isVerified: '已验证', since: '自', field: '字段', source: '来源', at: '时间', name: '名称', count: '次数', first: '首次', last: '最近', id: '编号', isMember: '在其中', purpose: '目的', recipient: '接收方',
    isAllowed: '允许', reason: '原因', validUntil: '有效期至', kind: '类型', status: '状态', receivedAt: '收到时间', dueAt: '答复期限', channel: '渠道', deliveryId: '发送编号', words: '说明', fields: '字段', country: '国家/地区', decision: '决定',
    isWithheld: '未展示', isInUse: '正在使用', raw: '原始记录', properties: '详情', order: '订单', receipt: '回执', createdAt: '自',
  },
};

const TEXTS: Record<PageLanguage, ExportTexts> = { en, 'zh-CN': zhCn };

/** The words of a copy in a language. */
export function exportTexts(language: PageLanguage): ExportTexts {
  return TEXTS[language];
}

/** What a field is called: the words for its first part, and the rest of its path as it is. */
export function fieldLabel(path: string, language: PageLanguage): string {
  const [first = '', ...rest] = path.split('.');
  return [Object.hasOwn(LABELS[language], first) ? LABELS[language][first] : first, ...rest].join(' · ');
}
