export * from './correct-person.js';
export type { CorrectionOrder, IdentityCorrection } from './correction-order.js';
