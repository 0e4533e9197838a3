import type { Choices } from './answer.js';
import type { Visit } from './create-visit.js';
import { element } from './element.js';
import type { AskedPurpose, PrivacyNotice } from './notice.js';

/** Written in by the build from `banner.css`. */
declare const STYLES: string;

/** The notice on the page. */
export interface Banner {
  /** Shows it; `isAskedFor` when the visitor wants to see it: the focus goes there. */
  open(isAskedFor?: boolean): void;
  /** Takes it away, with nothing answered. */
  close(): void;
}

export interface BannerOptions {
  visit: Visit;
  notice: PrivacyNotice;
  hasGpc: boolean;
  /** Whether a button stays on the page by which the notice is opened again. */
  hasButton: boolean;
  /** Of the page's Content-Security-Policy, for browsers that have no constructable style sheets. */
  nonce: string;
  /** Says that the notice is shown now; gives the host's id for it, undefined where it could not be had. */
  showing(): Promise<string | undefined>;
}

/**
 * Puts the notice on the page, closed. It stands first in the page, so that the keyboard and screen readers come to it first, and it moves nothing. It takes the focus only
 * when the visitor has asked for it. To accept all and to refuse all are one press each and look the same (EDPB Guidelines 05/2020, Art. 7(3) GDPR), nothing is ticked before the visitor ticks it.
 */
export function createBanner({ visit, notice, hasGpc, hasButton, nonce, showing }: BannerOptions): Banner {
  const { words, asked, told } = notice;
  let shownAt = '';
  let id: string | undefined;
  let opener: HTMLElement | null = null;

  const boxes = asked.map((purpose, index) => element('input', { type: 'checkbox', id: `p${index}`, 'aria-describedby': `d${index}`, disabled: isLocked(purpose) }));
  const press = (label: string, choose: (purpose: AskedPurpose, index: number) => boolean): HTMLElement => element('button', { type: 'button', onclick: () => {
    const choices: Choices = Object.fromEntries(asked.map((purpose, index) => [purpose.key, choose(purpose, index)]));
    hide();
    visit.answer(choices, { shownAt, id });
  } }, label);
  const close = element('button', { type: 'button', class: 'close', 'aria-label': words.close, onclick: hide }, '×');
  const dialog = element('section', { role: 'dialog', 'aria-labelledby': 't', 'aria-describedby': 'i', tabindex: '-1', hidden: true, onkeydown: (event: KeyboardEvent) => {
    if (event.key === 'Escape') hide();
  } },
    element('div', { class: 'scroll' },
      element('div', { class: 'head' }, element('h2', { id: 't' }, words.title), close),
      element('p', { id: 'i' }, words.intro),
      ...(hasGpc ? [element('p', { class: 'signal' }, words.gpc)] : []),
      element('ul', {}, ...asked.map(({ name, description }, index) => element('li', {},
        element('label', {}, ...boxes.slice(index, index + 1), element('b', {}, name)), element('p', { id: `d${index}` }, description)))),
      ...(told.length === 0 ? [] : [element('details', {}, element('summary', {}, words.noConsent), element('ul', {}, ...told.map(({ name, description, basis }) => element('li', {}, element('b', {}, name), element('p', {}, `${description} (${basis})`)))))]),
      element('details', {}, element('summary', {}, words.fullText), element('p', { class: 'text', lang: notice.language }, notice.text)),
      element('a', { href: notice.privacyUrl, target: '_blank', rel: 'noopener' }, words.more)),
    element('div', { class: 'actions' }, press(words.refuseAll, () => false), press(words.acceptAll, () => true), press(words.save, (_purpose, index) => boxes[index]?.checked === true)));
  const button = element('button', { type: 'button', class: 'open', hidden: true, onclick: () => open(true) }, words.open);

  const place = element('div', { lang: notice.wordsLanguage });
  const shadow = place.attachShadow({ mode: 'open' });
  dress(shadow, nonce);
  shadow.append(dialog, button);
  document.body.prepend(place);

  function isLocked({ isRefusedByGpc }: AskedPurpose): boolean {
    return hasGpc && isRefusedByGpc;
  }

  function open(isAskedFor = false): void {
    const choices = visit.standing()?.choices;
    boxes.forEach((box, index) => (box.checked = choices?.[asked[index]?.key ?? ''] === true));
    const at = (shownAt = new Date().toISOString());
    id = undefined;
    // Whoever answers before it is there has answered: what they were shown is then only claimed.
    void showing().then((given) => at === shownAt && (id = given));
    opener = (shadow.activeElement ?? document.activeElement) as HTMLElement | null;
    button.hidden = true;
    dialog.hidden = false;
    if (isAskedFor) dialog.focus();
  }

  function hide(): void {
    const hadFocus = shadow.activeElement !== null;
    dialog.hidden = true;
    button.hidden = !hasButton;
    if (hadFocus) (opener === null || opener === document.body ? button : opener).focus();
  }

  return { open, close: hide };
}

/** Styles that no Content-Security-Policy stands against: a sheet that is made in code, or one with the page's nonce. */
function dress(shadow: ShadowRoot, nonce: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(element('style', { nonce }, STYLES));
  }
}
