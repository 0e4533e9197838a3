/** What an element is made with: attributes (`true` without a value, `false` left out), and listeners under `on…`. */
type Given = Record<string, string | boolean | ((event: never) => void)>;

/**
 * Makes an element, by nodes alone: no markup is parsed, so nothing in a text can become one, and a page that requires Trusted Types takes it.
 *
 * @example element('button', { type: 'button', onclick: () => open() }, 'Open')
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, given: Given, ...children: (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as EventListener);
    else if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}
