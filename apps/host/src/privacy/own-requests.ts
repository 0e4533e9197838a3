import { canTransition, OPEN_STATUSES, REQUEST_KINDS, type JsonObject } from '@firsthand/domain';
import type { PrivacyRequestRow } from '@firsthand/pipeline';
import type { PageLanguage, PageTexts } from './privacy-texts.js';

/** The requests of a person as their page shows them, the newest first, and what they may ask for. */
export function ownRequests(rows: readonly PrivacyRequestRow[], language: PageLanguage, t: PageTexts): { kinds: JsonObject[]; requests: JsonObject[] } {
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    kinds: REQUEST_KINDS.map((kind) => ({ kind, label: t[`kind.${kind}`] })),
    requests: rows.toSorted((one, other) => other.receivedAt - one.receivedAt).map((row) => {
      const { requestId, workspaceId, kind, status, receivedAt, dueAt, refusal, extension } = row;
      const isOpen = OPEN_STATUSES.includes(status);
      return {
        id: requestId.slice(workspaceId.length + 1), path: encodeURIComponent(requestId.slice(workspaceId.length + 1)), kind: t[`kind.${kind}`], received: day.format(receivedAt), receivedAt: new Date(receivedAt).toISOString(),
        status: t[`status.${status}`], reason: refusal === null ? null : reasonOf(refusal, t), due: isOpen ? day.format(dueAt) : null, dueAt: new Date(dueAt).toISOString(),
        extended: isOpen && extension !== null ? t[`extension.${extension.reason}`] : null, canCancel: canTransition(status, 'cancelled'),
      };
    }),
  };
}

function reasonOf(refusal: string, t: Readonly<Record<string, string>>): string {
  const key = `refusal.${refusal}`;
  return (Object.hasOwn(t, key) ? t[key] : undefined) ?? refusal;
}
