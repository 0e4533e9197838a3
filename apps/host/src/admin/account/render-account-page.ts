import { PASSWORD_LENGTH } from '@firsthand/access';

/** What the page is asked for; `token` null once it is done. */
export interface AccountPage {
  kind: 'invitation' | 'password-reset';
  language: string | undefined;
  token: string | null;
}

const ENGLISH = { invitation: 'Open your account', 'password-reset': 'Choose a new password', password: 'Password', save: 'Save', done: 'Your password is set. You can sign in.' };
const CHINESE = { invitation: '开通账户', 'password-reset': '设置新密码', password: '密码', save: '保存', done: '密码已设置，您可以登录了。' };

/** The page on which somebody chooses a password: one form, no script, no style. */
export function renderAccountPage({ kind, language, token }: AccountPage): string {
  const isChinese = language?.trim().toLowerCase().startsWith('zh') === true;
  const texts = isChinese ? CHINESE : ENGLISH;
  const form = token === null ? `<p role="status">${texts.done}</p>` : `<form method="post" action="/account/${kind}">
<input type="hidden" name="token" value="${token.replaceAll(/[^\w.-]/g, '')}">
<p><label>${texts.password} <input type="password" name="password" autocomplete="new-password" required minlength="${PASSWORD_LENGTH.min}" maxlength="${PASSWORD_LENGTH.max}"></label></p>
<p><button>${texts.save}</button></p>
</form>`;
  return `<!doctype html><html lang="${isChinese ? 'zh-CN' : 'en'}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${texts[kind]}</title><main><h1>${texts[kind]}</h1>${form}</main></html>\n`;
}
