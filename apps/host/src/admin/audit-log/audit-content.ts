import type { AuditContent } from '@firsthand/pipeline';

const NOTHING_READ = { purpose: null, reason: null, reference: null, fields: [] } as const;

/** An audit row of an act that reads no value in full. */
export function auditContent(given: Omit<AuditContent, keyof typeof NOTHING_READ> & Partial<AuditContent>): AuditContent {
  return { ...NOTHING_READ, ...given };
}
