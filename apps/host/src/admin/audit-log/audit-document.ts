/** Kind `auditLog`: one row per admin write, and per look at a customer. No personal data: the route's pattern and ids only. */
export interface AuditDocument {
  actorKind: 'user' | 'apiKey';
  actorId: string;
  method: string;
  /** The route's pattern, never the address itself. */
  route: string;
  resourceId: string | null;
  /** `started`, `done`, or the error's code. */
  outcome: string;
  /** Epoch ms. */
  at: number;
}
