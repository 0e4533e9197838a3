export type { AuditContent, AuditQuery, AuditRow, AuditTrail } from './audit-row.js';
export { AUDIT_GENESIS, auditHash, nextAuditRow, verifyAuditChain, type AuditHead, type AuditVerdict } from './audit-chain.js';
