import { graphqlSync, parse, type GraphQLError, type OperationDefinitionNode } from 'graphql';
import { shopifySchema } from './fake-shopify-schema.js';
import type { VendorAnswer } from './vendor-server.js';

/** The bucket of query costs: how much is in it, and how fast it fills again ("API limits"). */
export interface CostBucket {
  available: number;
  maximum: number;
  restoreRate: number;
}

const MAX_QUERY_COST = 1_000;
const MUTATION_COST = 10;

/**
 * Answers GraphQL requests over a shop's resolvers as the Admin API does: against the schema, with the cost of each request taken from the bucket, and every error as Shopify shapes it.
 */
export class FakeShopifyApi {
  private filledAt: number;

  constructor(private readonly resolvers: Record<string, (args: never) => unknown>, private readonly now: () => number, readonly bucket: CostBucket) {
    this.filledAt = now();
  }

  answer(body: unknown): VendorAnswer {
    const { query, variables = {} } = (body ?? {}) as { query?: unknown; variables?: Record<string, unknown> };
    if (typeof query !== 'string') return { status: 400, json: { errors: { query: 'Required parameter missing or invalid' } } };
    const requested = costOf(query, variables);
    this.fill();
    if (requested > MAX_QUERY_COST) return this.refuse('MAX_COST_EXCEEDED', `Query cost is ${requested}, which exceeds the single query max cost limit (${MAX_QUERY_COST}).`, requested);
    if (requested > this.bucket.available) return this.refuse('THROTTLED', 'Throttled', requested);
    this.bucket.available -= requested;
    const { data, errors } = graphqlSync({ schema: shopifySchema, source: query, rootValue: this.resolvers, variableValues: variables });
    return { status: 200, json: { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors: errors.map(toProblem) }), extensions: { cost: this.cost(requested, requested) } } };
  }

  private refuse(code: string, message: string, requested: number): VendorAnswer {
    return { status: 200, json: { errors: [{ message, extensions: { code, documentation: 'https://shopify.dev/api/usage/limits' } }], extensions: { cost: this.cost(requested, null) } } };
  }

  private cost(requestedQueryCost: number, actualQueryCost: number | null): object {
    const { maximum, available, restoreRate } = this.bucket;
    return { requestedQueryCost, actualQueryCost, throttleStatus: { maximumAvailable: maximum, currentlyAvailable: available, restoreRate } };
  }

  private fill(): void {
    const { available, maximum, restoreRate } = this.bucket;
    this.bucket.available = Math.min(maximum, available + ((this.now() - this.filledAt) / 1000) * restoreRate);
    this.filledAt = this.now();
  }
}

/** Ten points for a mutation, one for an object, and a connection as many as it may give. */
function costOf(query: string, variables: Record<string, unknown>): number {
  try {
    const operation = parse(query).definitions.find((definition): definition is OperationDefinitionNode => definition.kind === 'OperationDefinition');
    const fields = operation?.selectionSet.selections.length ?? 0;
    const first = Object.entries(variables).reduce((most, [name, value]) => (name.startsWith('first') && typeof value === 'number' ? most + value : most), 0);
    return fields * (operation?.operation === 'mutation' ? MUTATION_COST : 1) + first;
  } catch {
    return 1;
  }
}

/** What graphql found, in Shopify's words: a code, and a path where one field of an answer failed. */
function toProblem({ message, path, nodes, originalError }: GraphQLError): object {
  const code = path === undefined ? (message.startsWith('Variable ') ? 'INVALID_VARIABLE' : (nodes === undefined ? 'PARSE_ERROR' : 'undefinedField')) : 'INTERNAL_SERVER_ERROR';
  return { message: originalError instanceof TypeError ? originalError.message : message, ...(path === undefined ? {} : { path }), extensions: { code } };
}
