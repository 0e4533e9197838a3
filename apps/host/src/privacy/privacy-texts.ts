/** The languages of the page itself; purposes and agreements bring their own. */
export const PAGE_LANGUAGES = ['en', 'zh-CN'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

const en = {
  title: 'Your privacy', skip: 'Skip to the choices', otherLanguage: '中文', notice: 'What is collected and why',
  noticeIntro: 'This is what we use data for, on which ground, and who receives it.', basis: 'Ground', data: 'Data', recipients: 'Who receives data', sources: 'Where data comes from', agreements: 'What you are asked to agree to',
  colon: ': ', stop: '. ', comma: ', ', semicolon: '; ', open: ' (', close: ')',
  noRecipients: 'Nobody but us.', allData: 'all data that we hold of you', 'data.profile': 'your details, such as name and address', 'data.identities': 'what we know you by, such as email address, phone number and membership number',
  'data.event': 'what you do with us, such as visits and purchases', 'data.segment': 'groups that we count you in', 'data.answers': 'what our systems answer about you', choices: 'Your choices',
  choicesIntro: 'Switch on what you agree to and off what you do not. Both take effect at once, and neither costs you anything.',
  'part.own': 'By us and those who work on our behalf', 'part.third-party': 'Sharing with independent companies', 'part.sensitive': 'Sensitive data too', 'part.cross-border': 'Transfer to other countries',
  'part.minor': 'I am the parent or guardian of a child under 14 and agree for it',
  'separate.third-party': 'sharing with independent companies', 'separate.sensitive': 'the use of sensitive data', 'separate.cross-border': 'transfer to other countries', 'separate.minor': 'data of children under 14', channels: 'How we may reach you', channelsIntro: 'For everything that is your choice. A receipt for what you buy still comes.', everyPurpose: 'Everything',
  'channel.email': 'Email', 'channel.sms': 'Text message', 'channel.push': 'App notification', 'channel.ads': 'Advertising on other sites', 'channel.phone': 'Telephone',
  fixed: 'This does not rest on your choice.', notAsked: 'At present we do not ask for this.', until: 'Until', save: 'Save my choices', withdrawAll: 'Withdraw everything', saved: 'Your choices are saved and in force.', outdated: 'The text has changed since you opened this page, so a yes of yours was not saved. Please read it and choose again.',
  linkOver: 'This link is not valid any more. Ask us for a new one.', history: 'What you decided so far', noHistory: 'Nothing yet.', when: 'When', what: 'What', decision: 'Decision', version: 'version', receipt: 'Receipt', keepReceipt: 'Keep receipt',
  receiptNote: 'A receipt is a small signed file. It proves what you decided, when, and on which text, also without us.',
  publicHint: 'To see and change your own choices, open the personal link that we send you.',
  requests: 'Your requests', requestsIntro: 'You can ask us for the following at any time and free of charge. A restriction, and an objection to what you choose below, are in force at once. While your data is restricted we cannot send you anything about your orders either.', noRequests: 'You have asked for nothing so far.', askFor: 'I ask for', askText: 'What we should know (you may leave this empty)', ask: 'Send my request',
  restricted: 'We keep your data and do not use it, as you asked. Only what the law obliges us to goes on.', liftRestriction: 'Lift this restriction', objectTo: 'If you object: to which use',
  rightIs: 'If something about you is wrong: what is right', rightIntro: 'Fill in only what is wrong with us. Write a phone number with its country code, for example +86, and a date as 1990-05-17.', unread: 'Something of what you wrote could not be read. Look at the email address, the phone number and the date, and send it again.',
  'field.firstName': 'Given name', 'field.lastName': 'Family name', 'field.email': 'Email address', 'field.phone': 'Phone number', 'field.birthday': 'Date of birth', 'field.street': 'Street and house number', 'field.postalCode': 'Postal code', 'field.city': 'City', 'field.region': 'Province or state',
  done: 'It is done, and in force.', requested: 'We have your request.', cancelled: 'Your request is taken back.', status: 'Status', answerBy: 'Answer by', cancel: 'Take back',
  'kind.access': 'Access: what you hold about me', 'kind.portability': 'A copy of my data to take elsewhere', 'kind.rectification': 'Correction of my data', 'kind.erasure': 'Erasure of my data', 'kind.restriction': 'Restriction: keep my data, but do not use it',
  'kind.objection': 'Objection to the use of my data', 'status.received': 'received', 'status.identity-check': 'waiting for you to show who you are', 'status.in-progress': 'in progress', 'status.completed': 'done', 'status.refused': 'refused', 'status.cancelled': 'taken back',
  'refusal.not-identified': 'we could not identify you', 'refusal.unfounded': 'it is manifestly unfounded', 'refusal.excessive': 'it is excessive', 'refusal.legal-obligation': 'the law obliges us to keep the data', 'refusal.legal-claims': 'the data is needed for legal claims',
  'refusal.rights-of-others': 'it would harm the rights of others', 'refusal.compelling-grounds': 'we have compelling legitimate grounds', 'refusal.not-held': 'we hold no such data',
  'extension.complexity': 'we need more time, because it is complex', 'extension.number-of-requests': 'we need more time, because there are many requests',
  signIn: 'See your own choices and requests', signInIntro: 'Enter an email address or a phone number that we know of you. We send a code to it.', contact: 'Email address or phone number', sendCode: 'Send me a code', code: 'Code',
  enterCode: 'Continue', codeSent: 'If we know this address or number, a code is on its way. It is valid for 10 minutes.', codeWrong: 'This code is not valid. Ask for a new one if it was more than 10 minutes ago.', contactInvalid: 'This is neither an email address nor a phone number. Write a number with its country code, for example +86.',
  'basis.consent': 'your consent', 'basis.contract': 'a contract with you', 'basis.legal': 'a legal obligation', 'basis.vital': 'vital interests', 'basis.public': 'a task in the public interest', 'basis.legitimate': 'our legitimate interest; you may object',
  'decision.granted': 'agreed', 'decision.denied': 'refused', 'decision.withdrawn': 'withdrawn', 'decision.objected': 'objected', 'decision.expired': 'expired', 'decision.waiting': 'agreed, which does not count yet',
  'recipient.own': 'our own system', 'recipient.processor': 'works on our behalf', 'recipient.third-party': 'independent company',
};
export type PageTexts = Record<keyof typeof en, string>;

const zhCn: PageTexts = {
  title: '您的隐私', skip: '跳到选择部分', otherLanguage: 'English', notice: '我们收集哪些数据，以及为什么',
  noticeIntro: '以下说明我们将数据用于什么目的、依据是什么以及谁会收到数据。', basis: '依据', data: '数据', recipients: '谁会收到数据', sources: '数据来源', agreements: '请您同意的内容',
  colon: '：', stop: '。', comma: '，', semicolon: '；', open: '（', close: '）',
  noRecipients: '除我们之外没有其他方。', allData: '我们持有的关于您的全部数据', 'data.profile': '您的基本资料，如姓名和地址', 'data.identities': '用于识别您的信息，如电子邮箱、手机号码和会员号',
  'data.event': '您与我们的互动记录，如浏览和购买', 'data.segment': '您所属的人群', 'data.answers': '我们的系统就您作出的答复', choices: '您的选择',
  choicesIntro: '打开您同意的项目，关闭您不同意的项目。两者都会立即生效，且不会给您带来任何费用。',
  'part.own': '由我们及受我们委托的处理方使用', 'part.third-party': '与独立的第三方共享', 'part.sensitive': '包括敏感个人信息', 'part.cross-border': '向境外提供',
  'part.minor': '我是未满十四周岁儿童的父母或监护人，代其同意',
  'separate.third-party': '与独立的第三方共享', 'separate.sensitive': '使用敏感个人信息', 'separate.cross-border': '向境外提供', 'separate.minor': '处理未满十四周岁儿童的信息', channels: '我们可以通过哪些方式联系您', channelsIntro: '适用于由您选择的所有事项。购物凭证仍会照常发送。', everyPurpose: '全部目的',
  'channel.email': '电子邮件', 'channel.sms': '短信', 'channel.push': '应用通知', 'channel.ads': '其他网站上的广告', 'channel.phone': '电话',
  fixed: '此项不以您的选择为依据。', notAsked: '我们目前没有就此征求您的同意。', until: '有效期至', save: '保存我的选择', withdrawAll: '撤回全部同意', saved: '您的选择已保存并已生效。', outdated: '您打开此页面后，相关文本已更新，因此您的同意未被保存。请阅读新的文本后重新选择。',
  linkOver: '此链接已失效，请向我们索取新的链接。', history: '您以往的决定', noHistory: '暂无记录。', when: '时间', what: '目的', decision: '决定', version: '版本', receipt: '回执', keepReceipt: '保存回执',
  receiptNote: '回执是一份经过签名的小文件，即使没有我们，也能证明您在何时、针对哪份文本作出了什么决定。',
  publicHint: '如需查看并更改您的选择，请打开我们发送给您的个人链接。',
  requests: '您的请求', requestsIntro: '您可以随时免费向我们提出以下请求。限制处理，以及对下列所选用途的拒绝，会立即生效。限制期间，我们也无法向您发送订单相关的消息。', noRequests: '您目前没有提出任何请求。', askFor: '请求类型', askText: '补充说明（可留空）', ask: '提交请求',
  restricted: '应您的要求，我们仅保存您的信息而不使用，法律要求的处理除外。', liftRestriction: '解除限制', objectTo: '如要拒绝使用，请选择用途',
  rightIs: '如信息有误，请在此填写正确内容', rightIntro: '仅填写有误的项目。手机号码请加上国家代码，例如 +86；日期格式为 1990-05-17。', unread: '您填写的部分内容无法识别。请检查电子邮箱、手机号码和日期后重新提交。',
  'field.firstName': '名', 'field.lastName': '姓', 'field.email': '电子邮箱', 'field.phone': '手机号码', 'field.birthday': '出生日期', 'field.street': '街道和门牌号', 'field.postalCode': '邮政编码', 'field.city': '城市', 'field.region': '省份或州',
  done: '已完成并生效。', requested: '我们已收到您的请求。', cancelled: '您的请求已撤回。', status: '状态', answerBy: '答复期限', cancel: '撤回',
  'kind.access': '查阅我的信息', 'kind.portability': '复制并转移我的信息', 'kind.rectification': '更正我的信息', 'kind.erasure': '删除我的信息', 'kind.restriction': '限制处理：保留但不使用我的信息',
  'kind.objection': '拒绝使用我的信息', 'status.received': '已收到', 'status.identity-check': '等待您验证身份', 'status.in-progress': '处理中', 'status.completed': '已完成', 'status.refused': '已拒绝', 'status.cancelled': '已撤回',
  'refusal.not-identified': '我们无法确认您的身份', 'refusal.unfounded': '请求明显没有依据', 'refusal.excessive': '请求过度', 'refusal.legal-obligation': '法律要求我们保留这些信息', 'refusal.legal-claims': '法律主张需要这些信息',
  'refusal.rights-of-others': '会损害他人的权利', 'refusal.compelling-grounds': '我们有令人信服的正当理由', 'refusal.not-held': '我们不持有此类信息',
  'extension.complexity': '因情况复杂，我们需要更多时间', 'extension.number-of-requests': '因请求数量较多，我们需要更多时间',
  signIn: '查看您的选择和请求', signInIntro: '请输入我们已知的您的电子邮箱或手机号码，我们将向其发送验证码。', contact: '电子邮箱或手机号码', sendCode: '发送验证码', code: '验证码',
  enterCode: '继续', codeSent: '如果我们有此邮箱或号码的记录，验证码已发出，10 分钟内有效。', codeWrong: '验证码无效。如已超过 10 分钟，请重新获取。', contactInvalid: '这不是有效的电子邮箱或手机号码。号码请加上国家代码，例如 +86。',
  'basis.consent': '您的同意', 'basis.contract': '与您订立的合同', 'basis.legal': '法定义务', 'basis.vital': '重大利益', 'basis.public': '公共利益', 'basis.legitimate': '我们的正当利益，您可以提出反对',
  'decision.granted': '同意', 'decision.denied': '拒绝', 'decision.withdrawn': '撤回', 'decision.objected': '反对', 'decision.expired': '已过期', 'decision.waiting': '同意（尚未生效）',
  'recipient.own': '我们自己的系统', 'recipient.processor': '受我们委托的处理方', 'recipient.third-party': '独立的第三方',
};

const TEXTS: Record<PageLanguage, PageTexts> = { en, 'zh-CN': zhCn };

/** The page's own words in a language. */
export function pageTexts(language: PageLanguage): PageTexts {
  return TEXTS[language];
}

/** What a scope of consent is called: a part of a purpose or a channel; by its own key where the page has no word for it. */
export function partText(scope: string, t: Readonly<Record<string, string>>): string {
  const named = [`part.${scope}`, `channel.${scope}`].find((key) => Object.hasOwn(t, key));
  return (named === undefined ? undefined : t[named]) ?? scope;
}

/**
 * What a country is called, so that a customer need know no codes.
 *
 * @example countryText('DE', 'zh-CN') // '德国'
 */
export function countryText(country: string, language: PageLanguage): string {
  return new Intl.DisplayNames(language, { type: 'region' }).of(country) ?? country;
}

/**
 * The language to show: the one asked for, else the first of Accept-Language that the page has, else English.
 *
 * @example pageLanguage(undefined, 'zh-TW,zh;q=0.9') // 'zh-CN'
 */
export function pageLanguage(asked: string | undefined, acceptLanguage: string | undefined): PageLanguage {
  const accepted = (acceptLanguage ?? '').slice(0, 500).split(',').map((entry) => {
    const [tag = '', quality] = entry.trim().split(';');
    return { tag, weight: Number(/q=([\d.]+)/.exec(quality ?? '')?.[1] ?? 1) };
  }).sort((one, other) => other.weight - one.weight);
  for (const tag of [asked ?? '', ...accepted.map((entry) => entry.tag)]) {
    const found = PAGE_LANGUAGES.find((language) => tag !== '' && language.split('-')[0] === tag.toLowerCase().split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

/**
 * The best key of texts by language: exact, then the same base language, then English, then any.
 *
 * @example bestLanguage({ en: 'Hello', de: 'Hallo' }, 'zh-CN') // 'en'
 */
export function bestLanguage(texts: Record<string, string>, language: string): string | undefined {
  const languages = Object.keys(texts);
  const base = (tag: string): string | undefined => tag.toLowerCase().split('-')[0];
  return languages.find((tag) => tag === language) ?? languages.find((tag) => base(tag) === base(language)) ?? languages.find((tag) => base(tag) === 'en') ?? languages[0];
}
