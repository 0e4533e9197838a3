import type { PrivacyRequestQuery, PrivacyRequestRow } from '../ports/privacy-requests.js';
import { requestPages } from './request-pages.js';

it.each([0, 1, 499, 500, 501, 1_000])('gives each of %i requests once, also where some are answered meanwhile', async (count) => {
  const rows = Array.from({ length: count }, (_, number) => ({ requestId: `w|${String(number).padStart(5, '0')}`, dueAt: Math.floor(number / 7) }) as PrivacyRequestRow);
  const open = [...rows];
  const asked: PrivacyRequestQuery[] = [];
  const requests = {
    findPrivacyRequests(query: PrivacyRequestQuery) {
      asked.push(query);
      const { after, limit } = query;
      return Promise.resolve(open.filter(({ dueAt, requestId }) => after === undefined || dueAt > after.dueAt || (dueAt === after.dueAt && requestId > after.requestId)).slice(0, limit));
    },
  };
  const seen: string[] = [];
  for await (const page of requestPages(requests, { workspaceId: 'w', statuses: ['in-progress'] })) {
    for (const { requestId } of page) {
      seen.push(requestId);
      if (seen.length % 3 === 0) open.splice(open.findIndex((row) => row.requestId === requestId), 1);
    }
  }
  expect(seen).toEqual(rows.map(({ requestId }) => requestId));
  expect(asked.every(({ statuses }) => statuses?.[0] === 'in-progress')).toBe(true);
});
