import { createTemplate } from '@firsthand/templating';
import type { PageLanguage } from './privacy-texts.js';

/** What the page says: what is asked, for which code, that it was wrong, or what came of it. */
export type ConfirmationOutcome = 'asked' | 'code' | 'wrong' | 'confirmed' | 'refused' | 'over';

/** One purpose that is to be confirmed, as it was agreed to. */
export interface ConfirmedPurpose {
  recordId: string;
  name: string;
  description: string;
  /** Which was shown, in its language. */
  text: string;
  textLanguage: string;
  /** Epoch ms. */
  decidedAt: number;
  /** The site on which it was shown, where that is proven. */
  origin: string | null;
}

/** All that the page shows. */
export interface ConfirmationPageInput {
  language: PageLanguage;
  nonce: string;
  brand: string;
  outcome: ConfirmationOutcome;
  purposes: readonly ConfirmedPurpose[];
  token: string;
  /** The number that a code was typed in for, to try again. */
  contact: string;
  action: string;
  /** The notice of the workspace. */
  pageUrl: string;
}

const TEXTS = {
  en: {
    title: 'Please confirm', lead: 'Somebody has entered your address or number and agreed to this. If it was you, confirm it. If it was not, close this page: nothing will happen.', at: 'Agreed on', on: 'on the site', text: 'The text that was shown', confirm: 'I confirm', notice: 'Everything about your privacy',
    contact: 'The number that we wrote to', code: 'Code from the message', next: 'Continue', lead2: 'Somebody has entered your number and agreed to something. Type the code that we sent there to see what it is. Nothing is confirmed by that yet.', wrong: 'This code is not valid. After five tries, or a day, enter your number once more where you agreed.',
    confirmed: 'Thank you. It is confirmed and counts from now on. You can take it back at any time.', refused: 'You have said no meanwhile, and that counts. There is nothing to confirm.', over: 'This link is not valid any more. If you still want this, enter your address once more.',
  },
  'zh-CN': {
    title: '请确认', lead: '有人填写了您的地址或号码，并同意以下事项。如果是您本人，请确认；如果不是，请关闭此页面，同意不会生效。', at: '同意时间', on: '网站', text: '当时显示的文本', confirm: '我确认', notice: '有关您隐私的全部信息',
    contact: '收到短信的手机号码', code: '短信中的验证码', next: '继续', lead2: '有人填写了您的号码并同意了某些事项。请输入我们发送的验证码查看内容，输入验证码本身不会确认任何事项。', wrong: '验证码无效。如已尝试五次或超过一天，请在当时同意的地方重新填写您的号码。',
    confirmed: '谢谢，已确认，自现在起生效。您可以随时撤回。', refused: '您在此期间已拒绝，以拒绝为准，无需确认。', over: '此链接已失效。如仍需要，请重新填写您的地址。',
  },
} as const satisfies Record<PageLanguage, Record<string, string>>;

const page = createTemplate(`<!doctype html>
<html lang="{{language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{t.title}} – {{brand}}</title>
<style nonce="{{nonce}}">
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 40rem; padding: 1rem; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .6rem 1rem; width: 100%; }
label { display: block; }
form input { box-sizing: border-box; font: inherit; min-height: 2.75rem; padding: .4rem .6rem; width: 100%; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<p>{{brand}}</p>
<h1>{{t.title}}</h1>
{{#if isAsked}}<p>{{t.lead}}</p>
<form method="post" action="{{action}}">
<input type="hidden" name="token" value="{{token}}"><input type="hidden" name="lang" value="{{language}}">
{{#each purposes}}<section aria-labelledby="p{{@index}}"><input type="hidden" name="ask" value="{{recordId}}">
<h2 id="p{{@index}}">{{name}}</h2>
<p>{{description}}</p>
<p>{{../t.at}} <time datetime="{{at}}">{{when}}</time>{{#if origin}}, {{../t.on}} {{origin}}{{/if}}</p>
<details><summary>{{../t.text}}</summary><pre lang="{{textLanguage}}">{{text}}</pre></details></section>
{{/each}}<p><button>{{t.confirm}}</button></p>
</form>
{{else}}{{#if said}}<p role="{{role}}" id="said">{{said}}</p>
{{/if}}{{#if asksForCode}}<p id="about">{{t.lead2}}</p>
<form method="post" action="{{action}}/codes">
<input type="hidden" name="lang" value="{{language}}">
<p><label for="contact">{{t.contact}}</label><input id="contact" name="contact" type="tel" autocomplete="tel" required maxlength="256" value="{{contact}}"></p>
<p><label for="code">{{t.code}}</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required minlength="8" maxlength="20" aria-describedby="about{{#if said}} said{{/if}}"></p>
<p><button>{{t.next}}</button></p>
</form>
{{/if}}{{/if}}<p><a href="{{pageUrl}}">{{t.notice}}</a></p>
</main>
</body>
</html>
`);

/** The page that the link of a confirmation leads to, with one button: opening it changes nothing. */
export function renderConfirmationPage({ outcome, purposes, ...input }: ConfirmationPageInput): string {
  const t = TEXTS[input.language];
  const time = new Intl.DateTimeFormat(input.language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return page({
    ...input, t, isAsked: outcome === 'asked', asksForCode: outcome === 'code' || outcome === 'wrong', said: outcome === 'asked' || outcome === 'code' ? null : t[outcome], role: outcome === 'confirmed' ? 'status' : 'alert',
    purposes: purposes.map(({ decidedAt, ...purpose }) => ({ ...purpose, at: new Date(decidedAt).toISOString(), when: `${time.format(decidedAt)} UTC` })),
  });
}
