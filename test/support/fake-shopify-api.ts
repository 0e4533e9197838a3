import { graphqlSync, parse, type GraphQLError, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import { FakeShopifyProblem } from './fake-shopify-problem.js';
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
const DOCUMENTATION = 'https://shopify.dev/api/usage/rate-limits';

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
    if (requested > MAX_QUERY_COST) return tooCostly(requested);
    if (requested > this.bucket.available) return this.throttle(requested);
    this.bucket.available -= requested;
    const { data, errors } = graphqlSync({ schema: shopifySchema, source: query, rootValue: this.resolvers, variableValues: variables });
    return { status: 200, json: { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors: errors.map(toProblem) }), extensions: { cost: this.cost(requested, requested) } } };
  }

  private throttle(requested: number): VendorAnswer {
    return { status: 200, json: { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED', documentation: DOCUMENTATION } }], extensions: { cost: this.cost(requested, null) } } };
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

/** A query that costs more than any may: its cost stands at the error, and nowhere else. */
function tooCostly(cost: number): VendorAnswer {
  const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${MAX_QUERY_COST}).`;
  return { status: 200, json: { errors: [{ message, extensions: { code: 'MAX_COST_EXCEEDED', cost, maxCost: MAX_QUERY_COST, documentation: DOCUMENTATION } }] } };
}

/** Ten points for a mutation, one for an object, and for a connection those of as many nodes as it may give. Shopify asks for less: how much less it does not document. */
function costOf(query: string, variables: Record<string, unknown>): number {
  try {
    const operation = parse(query).definitions.find((definition): definition is OperationDefinitionNode => definition.kind === 'OperationDefinition');
    const fields = operation?.selectionSet.selections ?? [];
    return operation?.operation === 'mutation' ? fields.length * MUTATION_COST : costOfAll(fields, variables);
  } catch {
    return 1;
  }
}

function costOfAll(selections: readonly SelectionNode[], variables: Record<string, unknown>): number {
  return selections.reduce((sum, selection) => sum + costOfField(selection, variables), 0);
}

function costOfField(selection: SelectionNode, variables: Record<string, unknown>): number {
  if (selection.kind !== 'Field' || selection.selectionSet === undefined || selection.name.value === 'pageInfo') return 0;
  const inner = costOfAll(selection.selectionSet.selections, variables);
  const first = selection.arguments?.find(({ name }) => name.value === 'first')?.value;
  const size = first?.kind === 'IntValue' ? Number(first.value) : first?.kind === 'Variable' ? Number(variables[first.name.value]) : 1;
  return 1 + size * inner;
}

/** What graphql found, in Shopify's words: a code, where there is one, and a path where one field of an answer failed. */
function toProblem({ message, path, nodes, originalError }: GraphQLError): object {
  if (originalError instanceof FakeShopifyProblem) return { message, path, ...(originalError.code === undefined ? {} : { extensions: { code: originalError.code } }) };
  const code = path === undefined ? (message.startsWith('Variable ') ? 'INVALID_VARIABLE' : (nodes === undefined ? 'PARSE_ERROR' : 'undefinedField')) : 'INTERNAL_SERVER_ERROR';
  return { message: originalError instanceof TypeError ? originalError.message : message, ...(path === undefined ? {} : { path }), extensions: { code } };
}
