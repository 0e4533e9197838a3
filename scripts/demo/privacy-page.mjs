import { URLSearchParams } from 'node:url';
import { OperatorError } from '../run/operator-error.mjs';
import { fetchAgain } from './fetch-again.mjs';

/**
 * A person's own privacy page, opened by the link that the brand sends them.
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {string} baseUrl
 * @param {{ namespace: string, value: string }} identity
 * @returns {Promise<{ publicUrl: string, agreeToAll: () => Promise<number>, withdrawAll: () => Promise<void> }>} `agreeToAll` gives the number of switches
 */
export async function openPrivacyPage(admin, baseUrl, identity) {
  const { url } = await admin.post('/privacy-links', { identity });
  // The link holds the public address of the host, which may be out of reach from here.
  const publicUrl = url.slice(0, url.indexOf('/privacy/'));
  const address = new URL(baseUrl + url.slice(publicUrl.length));
  const token = address.searchParams.get('token');

  const submit = async (fields) => {
    const response = await fetchAgain(baseUrl + address.pathname, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, lang: 'en', ...fields }) });
    if (response.status !== 303) throw new OperatorError(`the privacy page answered with ${response.status}.`);
  };
  return {
    publicUrl,
    async agreeToAll() {
      const page = await (await fetchAgain(address)).text();
      const switches = [...page.matchAll(/<input type="checkbox"[^>]* name="([^"]+)"/g)].map(([, name]) => name);
      // The page says with each switch how it was shown, as every browser sends it back.
      const shown = [...page.matchAll(/<input type="hidden" name="(has-purpose-[^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value.replaceAll('&quot;', '"')]);
      await submit({ act: 'save', ...Object.fromEntries([...shown, ...switches.map((name) => [name, 'on'])]) });
      return switches.length;
    },
    withdrawAll: () => submit({ act: 'withdraw' }),
  };
}
