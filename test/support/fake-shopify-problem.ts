/** An error of the fake shop for one field of an answer, as Shopify gives it: its message, and a code where Shopify has one for it. */
export class FakeShopifyProblem extends Error {
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

const SEE = 'See https://partners.shopify.com/123/apps/456/customer_data for more details.';

/** An app that may read no protected customer data at all. */
export const notApproved = (): FakeShopifyProblem => new FakeShopifyProblem(`This app is not approved to access the Customer object. ${SEE}`, 'ACCESS_DENIED');

/** A field that is redacted: Shopify documents a message alone ("Work with protected customer data"). */
export const notApprovedField = (field: string): FakeShopifyProblem => new FakeShopifyProblem(`This app is not approved to use the ${field} field. ${SEE}`);

/** A token without the scope. */
export const missingScope = (field: string, scope: string): FakeShopifyProblem => new FakeShopifyProblem(`Access denied for ${field} field. Required access: \`${scope}\` access scope.`, 'ACCESS_DENIED');
