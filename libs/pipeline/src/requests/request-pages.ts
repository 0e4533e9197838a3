import type { PrivacyRequestQuery, PrivacyRequestRow, PrivacyRequestStore } from '../ports/privacy-requests.js';

const PAGE = 500;

/**
 * All requests that match, in pages by due date.
 *
 * @example for await (const page of requestPages(requests, { workspaceId, statuses: OPEN_STATUSES })) await tell(page);
 */
export async function* requestPages(requests: Pick<PrivacyRequestStore, 'findPrivacyRequests'>, query: Omit<PrivacyRequestQuery, 'after' | 'limit'>): AsyncGenerator<PrivacyRequestRow[]> {
  for (let after: PrivacyRequestRow | undefined, isMore = true; isMore;) {
    const page = await requests.findPrivacyRequests({ ...query, limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield page;
    after = page.at(-1);
    isMore = page.length === PAGE;
  }
}
