import { callGraph, type GraphContext } from './call-graph.js';

/**
 * Checks that the token is good, and that it may see each dataset, audience and ad account that the settings name.
 *
 * @throws InvalidCredentials, RateLimited, RetryableError
 */
export async function testConnection(context: GraphContext): Promise<void> {
  const { pixelId, customAudienceId, adAccountId } = context.settings;
  const account = adAccountId === undefined ? undefined : `act_${adAccountId}`;
  const named = [pixelId, customAudienceId, account].filter((id) => id !== undefined);
  for (const id of named.length === 0 ? ['me'] : named) await callGraph(context, 'GET', `/${id}?fields=id`);
}
