import type { Profile } from '@firsthand/domain';
import { findAsking } from '../person/named-person.js';
import type { Clock } from '../ports/configuration.js';
import type { PrivacyRequestRow, PrivacyRequestStore } from '../ports/privacy-requests.js';
import type { Store } from '../ports/store.js';
import { requestPages } from '../requests/request-pages.js';
import { orderPersonExport } from './order-person-export.js';
import type { PersonExportStore } from './person-export-store.js';

export interface ServeAccessRequestsOptions {
  requests: PrivacyRequestStore;
  exports: PersonExportStore;
  store: Pick<Store, 'snapshot'>;
  clock: Clock;
}

/**
 * Has a copy made for each access and portability request that is in progress, and completes it when its files are there. It may be done again at any point: the copy has
 * the id of its request. A copy that failed leaves its request open, so that it falls due and an officer looks after it.
 *
 * @throws FirsthandError UNAVAILABLE
 * @example await serveAccessRequests(['main'], { requests, exports, store, clock });
 */
export async function serveAccessRequests(workspaceIds: readonly string[], options: ServeAccessRequestsOptions): Promise<void> {
  for (const workspaceId of workspaceIds) {
    for await (const page of requestPages(options.requests, { workspaceId, kinds: ['access', 'portability'], statuses: ['in-progress'] })) for (const request of page) await serve(request, options);
  }
}

async function serve(request: PrivacyRequestRow, { requests, exports, store, clock }: ServeAccessRequestsOptions): Promise<void> {
  const { requestId, workspaceId } = request;
  const complete = (result: Record<string, string | number>) => requests.advancePrivacyRequest(requestId, 'in-progress', { to: 'completed', at: clock(), actor: { kind: 'system', id: null }, result });
  const orderId = requestId.slice(workspaceId.length + 1);
  const made = await exports.find(workspaceId, requestId);
  if (made?.state === 'ready') await complete({ exportId: orderId, files: made.files.length });
  if (made !== undefined) return;
  const [person] = await store.snapshot((reads) => findAsking(reads, request));
  // Nobody is known by these identities: that nothing is held is the answer.
  if (person === undefined) await complete({ files: 0 });
  else await orderPersonExport({ workspaceId, profileId: person.profileId, orderId, requestId, language: languageOf(request, person) }, { exports, clock });
}

/** In which they asked, else in which they want to be addressed, else that of the law that they asked under. */
function languageOf({ details, regime }: PrivacyRequestRow, { fields }: Profile): string {
  const told = [details?.language, fields.language?.value].find((one): one is string => typeof one === 'string' && one !== '');
  return told ?? (regime === 'pipl' ? 'zh-CN' : 'en');
}
