/**
 * What a browser would send of the switches of a privacy page, as it was loaded.
 *
 * @example await fetch(url, { method: 'POST', body: new URLSearchParams({ ...privacyForm(html), act: 'save' }) });
 */
export function privacyForm(html: string): Record<string, string> {
  const form = html.match(/<form[^>]*>(?:(?!<\/form>)[\s\S])*name="act" value="save"/)?.[0] ?? '';
  return Object.fromEntries([...form.matchAll(/<input [^>]*>/g)].flatMap(([tag]): [string, string][] => {
    const of = (name: string): string => plain(tag.match(new RegExp(` ${name}="([^"]*)"`))?.[1] ?? '');
    return of('type') === 'hidden' || / checked[ >]/.test(tag) ? [[of('name'), of('value')]] : [];
  }));
}

function plain(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
