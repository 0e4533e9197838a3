import { COPIES_SECTION } from './copies-section.js';
import { REMOVALS_SECTION } from './removals-section.js';

/** The privacy page as a template. No script at all: forms work everywhere, and a strict Content-Security-Policy costs nothing. */
export const PRIVACY_PAGE = `<!doctype html>
<html lang="{{language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{t.title}} – {{brand}}</title>
<style nonce="{{nonce}}">
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }
.skip:not(:focus) { position: absolute; left: -100vw; }
header { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; align-items: baseline; }
fieldset, section.purpose, .status { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: .5rem; margin: 1rem 0; padding: .75rem 1rem; }
legend, h3 { font-weight: 600; font-size: 1.1rem; }
.switch { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; }
.switch input { width: 1.4rem; height: 1.4rem; flex: none; }
.minor { opacity: .8; font-size: .95rem; }
.text { white-space: pre-wrap; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
ul.requests { list-style: none; padding: 0; }
ul.requests li { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: .5rem; margin: .75rem 0; padding: .75rem 1rem; }
ul.requests form { margin-top: .5rem; }
.stack { display: flex; flex-direction: column; gap: .4rem; align-items: stretch; }
.stack input:not([type=checkbox]), .stack select, .stack textarea { font: inherit; min-height: 2.75rem; padding: .4rem .6rem; box-sizing: border-box; width: 100%; max-width: 26rem; }
button { font: inherit; min-height: 2.75rem; padding: .4rem 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .4rem .6rem; text-align: left; vertical-align: top; }
.scroll { overflow-x: auto; }
/* On a phone a row stands below the other, whole: no column lies out of sight. */
@media (max-width: 32rem) {
.scroll thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.scroll tr { display: flex; flex-wrap: wrap; gap: 0 1rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .4rem 0; }
.scroll td { border: 0; padding: 0; }
.scroll td:first-child { flex-basis: 100%; }
}
</style>
</head>
<body>
<a class="skip" href="#main">{{t.skip}}</a>
<header><h1>{{t.title}}</h1><p><a href="{{otherLanguageUrl}}" lang="{{otherLanguage}}" hreflang="{{otherLanguage}}">{{t.otherLanguage}}</a></p></header>
<main id="main" tabindex="-1">
{{#if message}}<p class="status" role="status">{{message}}</p>{{/if}}
{{#if person}}
{{#if isRestricted}}<form method="post" action="{{action}}/requests/lift-restriction" class="status">
<input type="hidden" name="token" value="{{token}}">
<input type="hidden" name="lang" value="{{language}}">
<p id="restricted">{{t.restricted}}</p>
<p class="actions"><button type="submit" aria-describedby="restricted">{{t.liftRestriction}}</button></p>
</form>{{/if}}
<section aria-labelledby="choices">
<h2 id="choices">{{t.choices}}</h2>
<p>{{t.choicesIntro}}</p>
<form method="post" action="{{action}}">
<input type="hidden" name="token" value="{{token}}">
<input type="hidden" name="lang" value="{{language}}">
{{#each purposes}}
<fieldset>
<legend>{{name}}</legend>
<p id="about-{{@index}}">{{description}}</p>
{{#each switches}}
<div class="switch"><input type="hidden" name="has-{{id}}" value="{{shownAs}}"><input type="checkbox" role="switch" id="{{id}}" name="{{id}}" value="on" aria-describedby="about-{{@../index}}"{{#if isOn}} checked{{/if}}{{#if isFixed}} disabled{{/if}}><label for="{{id}}">{{label}}</label></div>
{{#if note}}<p class="minor">{{note}}</p>{{/if}}
{{/each}}
{{#if fixedNote}}<p class="minor">{{fixedNote}}</p>{{/if}}
{{#if agreement.noticeId}}<input type="hidden" name="{{agreement.noticeField}}" value="{{agreement.noticeId}}">{{/if}}
{{#if agreement}}<details><summary>{{agreement.name}}{{@root.t.comma}}{{@root.t.version}} {{agreement.version}}</summary><p class="text" lang="{{agreement.language}}">{{agreement.text}}</p></details>{{/if}}
</fieldset>
{{/each}}
{{#if channels}}
<fieldset>
<legend>{{t.channels}}</legend>
<p id="about-channels">{{t.channelsIntro}}</p>
{{#each channels}}
<div class="switch"><input type="hidden" name="has-{{id}}" value="1"><input type="checkbox" role="switch" id="{{id}}" name="{{id}}" value="on" aria-describedby="about-channels"{{#if isOn}} checked{{/if}}><label for="{{id}}">{{label}}</label></div>
{{/each}}
</fieldset>
{{/if}}
<p class="actions"><button type="submit" name="act" value="save">{{t.save}}</button><button type="submit" name="act" value="withdraw">{{t.withdrawAll}}</button></p>
</form>
</section>
<section aria-labelledby="history">
<h2 id="history">{{t.history}}</h2>
{{#if history}}
<div class="scroll" role="group" tabindex="0" aria-labelledby="history"><table>
<thead><tr><th scope="col">{{t.when}}</th><th scope="col">{{t.what}}</th><th scope="col">{{t.decision}}</th><th scope="col">{{t.receipt}}</th></tr></thead>
<tbody>{{#each history}}<tr><td><time datetime="{{at}}">{{when}}</time></td><td>{{purpose}}</td><td>{{decision}}</td><td><a href="{{receiptUrl}}" download aria-label="{{@root.t.keepReceipt}}: {{purpose}}, {{decision}}, {{when}}">{{@root.t.keepReceipt}}</a></td></tr>{{/each}}</tbody>
</table></div>
<p class="minor">{{t.receiptNote}}</p>
{{else}}<p>{{t.noHistory}}</p>{{/if}}
</section>
${REMOVALS_SECTION}
<section aria-labelledby="requests">
<h2 id="requests">{{t.requests}}</h2>
{{#if requests}}<ul class="requests">
{{#each requests}}<li><strong id="request-{{@index}}">{{kind}}</strong>, <time datetime="{{receivedAt}}">{{received}}</time><br>{{@root.t.status}}: {{status}}{{#if reason}} ({{reason}}){{/if}}{{#if due}}. {{@root.t.answerBy}}: <time datetime="{{dueAt}}">{{due}}</time>{{/if}}{{#if extended}} ({{extended}}){{/if}}
{{#if canCancel}}<form method="post" action="{{@root.action}}/requests/{{path}}/cancel"><input type="hidden" name="token" value="{{@root.token}}"><input type="hidden" name="lang" value="{{@root.language}}"><button type="submit" aria-describedby="request-{{@index}}">{{@root.t.cancel}}</button></form>{{/if}}</li>
{{/each}}</ul>{{else}}<p>{{t.noRequests}}</p>{{/if}}
<form method="post" action="{{action}}/requests" class="stack">
<p id="about-requests">{{t.requestsIntro}}</p>
<input type="hidden" name="token" value="{{token}}">
<input type="hidden" name="lang" value="{{language}}">
<label for="kind">{{t.askFor}}</label>
<select id="kind" name="kind" aria-describedby="about-requests">{{#each kinds}}<option value="{{kind}}">{{label}}</option>{{/each}}</select>
{{#if objectable}}<fieldset>
<legend>{{t.objectTo}}</legend>
{{#each objectable}}<div class="switch"><input type="checkbox" id="object-{{@index}}" name="purposes" value="{{key}}"><label for="object-{{@index}}">{{name}}</label></div>
{{/each}}</fieldset>{{/if}}
<details><summary>{{t.rightIs}}</summary>
<p id="about-right">{{t.rightIntro}}</p>
{{#each correctable}}<p class="stack"><label for="right-{{field}}">{{label}}</label><input id="right-{{field}}" name="right-{{field}}" maxlength="500" autocomplete="off" aria-describedby="about-right"></p>
{{/each}}</details>
<label for="text">{{t.askText}}</label>
<textarea id="text" name="text" rows="3" maxlength="2000"></textarea>
<p class="actions"><button type="submit">{{t.ask}}</button></p>
</form>
</section>
${COPIES_SECTION}
{{else}}<p>{{t.publicHint}}</p>
{{#if canSendCodes}}
<section aria-labelledby="sign-in">
<h2 id="sign-in">{{t.signIn}}</h2>
{{#if contact}}
<form method="post" action="{{action}}/codes/confirm" class="stack">
<input type="hidden" name="lang" value="{{language}}">
<input type="hidden" name="contact" value="{{contact}}">
<label for="code">{{t.code}}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required minlength="8" maxlength="20" autofocus>
<p class="actions"><button type="submit">{{t.enterCode}}</button></p>
</form>
{{/if}}
<form method="post" action="{{action}}/codes" class="stack">
<p id="about-contact">{{t.signInIntro}}</p>
<input type="hidden" name="lang" value="{{language}}">
<label for="contact">{{t.contact}}</label>
<input id="contact" name="contact" autocomplete="email" required maxlength="256" aria-describedby="about-contact"{{#if contact}} value="{{contact}}"{{/if}}>
<p class="actions"><button type="submit">{{t.sendCode}}</button></p>
</form>
</section>
{{/if}}{{/if}}
<section aria-labelledby="notice">
<h2 id="notice">{{t.notice}}</h2>
<p>{{t.noticeIntro}}</p>
{{#each notice}}
<section class="purpose"><h3>{{name}}</h3><p>{{description}}</p><p class="minor">{{@root.t.basis}}{{@root.t.colon}}{{basis}}{{@root.t.stop}}{{@root.t.data}}{{@root.t.colon}}{{data}}{{@root.t.stop}}</p></section>
{{/each}}
{{#if sources}}<h3>{{t.sources}}</h3>
<ul>{{#each sources}}<li>{{name}}{{#if statement}}{{@root.t.colon}}{{statement}}{{/if}}</li>{{/each}}</ul>{{/if}}
<h3>{{t.recipients}}</h3>
{{#if recipients}}<ul>{{#each recipients}}<li>{{name}}{{@root.t.open}}{{about}}{{@root.t.close}}</li>{{/each}}</ul>{{else}}<p>{{t.noRecipients}}</p>{{/if}}
{{#if agreements}}<h3>{{t.agreements}}</h3>
{{#each agreements}}<details><summary>{{name}}{{@root.t.comma}}{{@root.t.version}} {{version}}</summary><p class="text" lang="{{language}}">{{text}}</p></details>{{/each}}{{/if}}
</section>
</main>
</body>
</html>
`;
