import type { Notice } from '@firsthand/pipeline';

/** A notice as people read it. */
export interface NoticeText {
  subject: string;
  text: string;
}

type Texts = Record<Notice['kind'], (workspace: string, count: number) => { subject: string; lead: string }>;

const ENGLISH: Texts = {
  invitation: (workspace) => ({ subject: `Your account at ${workspace}`, lead: `You have been invited to ${workspace}. Choose your password:` }),
  'password-reset': (workspace) => ({ subject: `A new password at ${workspace}`, lead: 'A new password was asked for at your account. If it was not you, do nothing. Else choose it:' }),
  'one-time-code': (workspace) => ({ subject: `Your code for ${workspace}`, lead: 'Your code. Give it to nobody:' }),
  'consent-confirmation': (workspace) => ({ subject: `Please confirm: ${workspace}`, lead: `Somebody has entered this address or number at ${workspace} and agreed to the following. If it was you, confirm it by the link. If not, do nothing: then it does not count.` }),
  'consent-confirmation-code': (workspace) => ({ subject: `Please confirm: ${workspace}`, lead: `Somebody has entered this number at ${workspace} and agreed to the following. If it was you, type the code on the page. If not, do nothing: then it does not count.` }),
  'removals-unconfirmed': (workspace) => ({ subject: `Withdrawals that recipients have not confirmed at ${workspace}`, lead: 'People have withdrawn their consent, and these recipients have not confirmed that they hold their data no longer. See GET /admin/v1/removals, and ask them yourself:' }),
  'pushes-held': (workspace) => ({ subject: `Pushes that wait for you at ${workspace}`, lead: 'These segments have moved beyond their limits, and nothing of them goes to these destinations until somebody has decided. See GET /admin/v1/push-gates:' }),
  'syncs-stopped': (workspace) => ({ subject: `Fields that are no longer kept equal at ${workspace}`, lead: 'The values of these fields went to and fro between two systems, and are not written any more until somebody has looked. See GET /admin/v1/sync-rules/<id>/stopped:' }),
  'connection-disabled': (workspace) => ({ subject: `A destination that was taken out of service at ${workspace}`, lead: 'Nothing more is sent there. What waits for it stays: enable it again when it is repaired, with POST /admin/v1/connections/<id>/enable:' }),
  'balance-open': (workspace) => ({ subject: `Records or deliveries that are not accounted for at ${workspace}`, lead: 'The books of these days do not close: something was lost, or counted twice. See GET /admin/v1/balance-reports, and tell who runs the platform:' }),
  'requests-due-soon': (workspace, count) => ({ subject: `Requests of customers are due at ${workspace}`, lead: `Requests of customers that must be answered within three days: ${count}. See them here:` }),
  'requests-overdue': (workspace, count) => ({ subject: `Requests of customers are overdue at ${workspace}`, lead: `Requests of customers that should have been answered: ${count}. See them here:` }),
  'person-export': (workspace) => ({ subject: `Your data at ${workspace}`, lead: 'The copy of your data that you asked for is ready. Each file can be fetched once:' }),
};
const CHINESE: Texts = {
  invitation: (workspace) => ({ subject: `您在 ${workspace} 的账户`, lead: `您被邀请加入 ${workspace}。请设置密码：` }),
  'password-reset': (workspace) => ({ subject: `重置 ${workspace} 的密码`, lead: '有人请求重置您账户的密码。如果不是您本人，请忽略此邮件。否则请设置新密码：' }),
  'one-time-code': (workspace) => ({ subject: `${workspace} 的验证码`, lead: '您的验证码（请勿告诉任何人）：' }),
  'consent-confirmation': (workspace) => ({ subject: `请确认：${workspace}`, lead: `有人在 ${workspace} 填写了此地址或号码，并同意以下事项。如果是您本人，请点击链接确认；如果不是，请勿操作，该同意不会生效。` }),
  'consent-confirmation-code': (workspace) => ({ subject: `请确认：${workspace}`, lead: `有人在 ${workspace} 填写了此号码，并同意以下事项。如果是您本人，请在页面上输入验证码；如果不是，请勿操作，该同意不会生效。` }),
  'removals-unconfirmed': (workspace) => ({ subject: `${workspace}：接收方尚未确认的撤回`, lead: '有人撤回了同意，但以下接收方尚未确认已不再持有其数据。请查看 GET /admin/v1/removals，并自行联系接收方：' }),
  'pushes-held': (workspace) => ({ subject: `${workspace}：等待您决定的推送`, lead: '以下人群的变化超出了限制，在有人决定之前，不会向这些目标发送任何内容。请查看 GET /admin/v1/push-gates：' }),
  'syncs-stopped': (workspace) => ({ subject: `${workspace}：已停止同步的字段`, lead: '以下字段的值在两个系统之间反复变化，已停止写入，需由您查看。请查看 GET /admin/v1/sync-rules/<id>/stopped：' }),
  'connection-disabled': (workspace) => ({ subject: `${workspace}：已停用的目标`, lead: '不会再向该目标发送任何内容，等待发送的内容会保留。修复后请通过 POST /admin/v1/connections/<id>/enable 重新启用：' }),
  'balance-open': (workspace) => ({ subject: `${workspace}：有记录或投递去向不明`, lead: '以下日期的账目不平：有数据丢失或被重复计数。请查看 GET /admin/v1/balance-reports，并通知平台运维人员：' }),
  'requests-due-soon': (workspace, count) => ({ subject: `${workspace} 有客户请求即将到期`, lead: `须在三天内答复的客户请求：${count} 项。请在此查看：` }),
  'requests-overdue': (workspace, count) => ({ subject: `${workspace} 有客户请求已逾期`, lead: `已超过答复期限的客户请求：${count} 项。请在此查看：` }),
  'person-export': (workspace) => ({ subject: `您在 ${workspace} 的数据`, lead: '您索取的数据副本已准备好，每个文件只能获取一次：' }),
};

/**
 * Writes a notice in the reader's language, plain text.
 *
 * @example noticeText({ kind: 'invitation', to, language: 'zh-CN', workspaceName: 'Acme', link, expiresAt }).subject
 */
export function noticeText({ kind, language, workspaceName, link, code, lines = [], count = 0, expiresAt }: Notice): NoticeText {
  const isChinese = language.toLowerCase().startsWith('zh');
  // A name may be anything; a subject is one line.
  const { subject, lead } = (isChinese ? CHINESE : ENGLISH)[kind](workspaceName.replaceAll(/\s+/g, ' '), count);
  const until = expiresAt === null ? null : `${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const body = [...lines, code, link].filter((line) => line !== undefined).join('\n');
  return { subject, text: `${lead}\n\n${body}\n${until === null ? '' : `\n${isChinese ? `有效期至 ${until}` : `Valid until ${until}.`}\n`}` };
}
