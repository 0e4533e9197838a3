import { email, phone, text, type JsonValue } from '@firsthand/plugin-sdk';

const GID = 'gid://shopify/Customer/';

/** Who a customer is, as every action names them. Apart from the fields that are written: what finds a customer must not change them. */
export const whoFields = {
  customerId: text('Shopify customer', { from: '{{identities.customerId}}', description: 'The id by which the shop itself named the person, as its webhooks bring it. Ids of other shops are passed over.', maxLength: 200 }),
  matchEmail: email('Known by email', { from: '{{default identities.email profile.email}}', description: 'Finds the customer where no id of the shop is known.' }),
  matchPhone: phone('Known by phone', { from: '{{default identities.phone profile.phone}}', description: 'Finds a customer who has no email.' }),
};

/** Of which ids of people this shop's are: see `ownIds` of a destination. */
export const ownIds = ({ shop }: { shop: string }): Readonly<Record<string, (id: string) => boolean>> => ({ customerId: (id) => customerGid(id, shop) !== undefined });

/** The names of {@link whoFields}: what is kept of a person to take them out or have them erased. */
export const WHO = ['customerId', 'matchEmail', 'matchPhone'] as const;

/** How a customer is found: the first that the shop knows counts. */
export interface Who {
  customerId?: string | undefined;
  matchEmail?: string | undefined;
  matchPhone?: string | undefined;
}

/**
 * The global id of a customer of this shop, of `shopify:<shop>:<id>` as the webhooks' mapping writes it, or of a global id. Undefined for anything else: the id of another shop, or a bare number, which
 * may be that of any till.
 *
 * @example customerGid('shopify:acme.myshopify.com:7', 'acme.myshopify.com') // 'gid://shopify/Customer/7'
 */
export function customerGid(customerId: string | undefined, shop: string): string | undefined {
  const prefix = [`shopify:${shop}:`, GID].find((one) => customerId?.startsWith(one) === true);
  const number = prefix === undefined ? '' : (customerId ?? '').slice(prefix.length);
  return /^\d{1,20}$/.test(number) ? `${GID}${number}` : undefined;
}

/**
 * The number in a customer's global id, as webhooks name the customer; undefined for anything else.
 *
 * @example customerNumber('gid://shopify/Customer/7') // '7'
 */
export function customerNumber(gid: JsonValue | undefined): string | undefined {
  return typeof gid === 'string' ? /^gid:\/\/shopify\/Customer\/(\d{1,20})$/.exec(gid)?.[1] : undefined;
}
