import type { HubspotSettings } from './settings.js';

type Account = Pick<HubspotSettings, 'portalId' | 'bareIds'>;

/** Before the ids of an account, as identities have them: HubSpot gives each account numbers of its own. */
const spaceOf = (portalId: string): string => `hubspot:${portalId}:`;

/** The ids of a list of record ids, both expressions of a mapping; with those of before they had the Hub ID where the connection says so. */
export function crmIds(ids: string): { $when: string; value: { $when: string; value: string; else: string } } {
  const space = '(concat "hubspot:" @settings.portalId ":")';
  const own = `(concat ${space} (join ${ids} (concat ";" ${space})))`;
  return { $when: `{{join ${ids} ""}}`, value: { $when: '{{@settings.bareIds}}', value: `{{split (concat ${own} ";" (join ${ids} ";")) ";"}}`, else: `{{split ${own} ";"}}` } };
}

/**
 * The record id in an id of this account, as {@link crmIds} writes it. Undefined for anything else: the id of another account, or a bare number, which may be that of any CRM, unless the connection says that they are
 * of this account.
 *
 * @example recordIdOf('hubspot:62515:512', { portalId: '62515' }) // '512'
 */
export function recordIdOf(id: string | undefined, { portalId, bareIds }: Account): string | undefined {
  if (id === undefined) return undefined;
  const space = spaceOf(portalId);
  const number = id.startsWith(space) ? id.slice(space.length) : bareIds === true ? id : '';
  return /^\d{1,20}$/.test(number) ? number : undefined;
}

/** Of which ids of people HubSpot's are this account's: see `ownIds` of a destination. */
export const ownIds = (account: Account): Readonly<Record<string, (id: string) => boolean>> => ({ crmId: (id) => recordIdOf(id, account) !== undefined });
