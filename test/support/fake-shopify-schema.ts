import { buildSchema } from 'graphql';

/**
 * As much of the Admin API's schema (2026-10) as has to do with customers: what is not in it, is refused as Shopify refuses it. Names, types and what may be null are Shopify's.
 */
export const shopifySchema = buildSchema(`
  scalar DateTime

  type Query {
    shop: Shop!
    currentAppInstallation: AppInstallation!
    customer(id: ID!): Customer
    customerByIdentifier(identifier: CustomerIdentifierInput!): Customer
    customers(first: Int, after: String, sortKey: CustomerSortKeys = ID, query: String): CustomerConnection!
  }

  type Mutation {
    customerSet(input: CustomerSetInput!, identifier: CustomerSetIdentifiers): CustomerSetPayload
    tagsAdd(id: ID!, tags: [String!]!): TagsAddPayload
    tagsRemove(id: ID!, tags: [String!]!): TagsRemovePayload
    customerEmailMarketingConsentUpdate(input: CustomerEmailMarketingConsentUpdateInput!): CustomerEmailMarketingConsentUpdatePayload
    customerSmsMarketingConsentUpdate(input: CustomerSmsMarketingConsentUpdateInput!): CustomerSmsMarketingConsentUpdatePayload
    metafieldsSet(metafields: [MetafieldsSetInput!]!): MetafieldsSetPayload
    metafieldsDelete(metafields: [MetafieldIdentifierInput!]!): MetafieldsDeletePayload
    customerRequestDataErasure(customerId: ID!): CustomerRequestDataErasurePayload
  }

  type Shop { myshopifyDomain: String! }
  type AppInstallation { accessScopes: [AccessScope!]! }
  type AccessScope { handle: String! }

  interface Node { id: ID! }
  type Customer implements Node {
    id: ID!
    firstName: String
    lastName: String
    locale: String!
    note: String
    tags: [String!]!
    createdAt: DateTime!
    updatedAt: DateTime!
    metafield(namespace: String, key: String!): Metafield
    defaultEmailAddress: CustomerEmailAddress
    defaultPhoneNumber: CustomerPhoneNumber
  }
  type CustomerEmailAddress { emailAddress: String! marketingState: CustomerEmailAddressMarketingState! }
  type CustomerPhoneNumber { phoneNumber: String! marketingState: CustomerSmsMarketingState! }
  type Metafield { namespace: String! key: String! value: String! }
  enum CustomerSortKeys { CREATED_AT ID LOCATION NAME RELEVANCE UPDATED_AT }
  enum CustomerEmailAddressMarketingState { NOT_SUBSCRIBED SUBSCRIBED PENDING UNSUBSCRIBED INVALID REDACTED }
  enum CustomerEmailMarketingState { NOT_SUBSCRIBED SUBSCRIBED PENDING UNSUBSCRIBED INVALID REDACTED }
  enum CustomerSmsMarketingState { NOT_SUBSCRIBED SUBSCRIBED PENDING UNSUBSCRIBED REDACTED }
  enum CustomerMarketingOptInLevel { SINGLE_OPT_IN CONFIRMED_OPT_IN UNKNOWN }
  type CustomerConnection { nodes: [Customer!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }

  input CustomerIdentifierInput { id: ID emailAddress: String phoneNumber: String }
  input CustomerSetIdentifiers { id: ID email: String phone: String }
  input CustomerSetInput { id: ID email: String phone: String firstName: String lastName: String locale: String note: String tags: [String!] taxExempt: Boolean }
  input CustomerEmailMarketingConsentInput { marketingState: CustomerEmailMarketingState! marketingOptInLevel: CustomerMarketingOptInLevel consentUpdatedAt: DateTime sourceLocationId: ID }
  input CustomerEmailMarketingConsentUpdateInput { customerId: ID! emailMarketingConsent: CustomerEmailMarketingConsentInput! }
  input CustomerSmsMarketingConsentInput { marketingState: CustomerSmsMarketingState! marketingOptInLevel: CustomerMarketingOptInLevel consentUpdatedAt: DateTime sourceLocationId: ID }
  input CustomerSmsMarketingConsentUpdateInput { customerId: ID! smsMarketingConsent: CustomerSmsMarketingConsentInput! }
  input MetafieldsSetInput { ownerId: ID! namespace: String key: String! type: String value: String! }
  input MetafieldIdentifierInput { ownerId: ID! namespace: String! key: String! }

  type UserError { field: [String!] message: String! }
  type CodedError { field: [String!] message: String! code: String }
  type CustomerSetPayload { customer: Customer userErrors: [CodedError!]! }
  type TagsAddPayload { node: Node userErrors: [UserError!]! }
  type TagsRemovePayload { node: Node userErrors: [UserError!]! }
  type CustomerEmailMarketingConsentUpdatePayload { customer: Customer userErrors: [CodedError!]! }
  type CustomerSmsMarketingConsentUpdatePayload { customer: Customer userErrors: [CodedError!]! }
  type MetafieldsSetPayload { userErrors: [CodedError!]! }
  type MetafieldsDeletePayload { userErrors: [UserError!]! }
  type CustomerRequestDataErasurePayload { customerId: ID userErrors: [CodedError!]! }
`);
