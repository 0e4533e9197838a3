import { HOLD_CATEGORIES, type LegalHold } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';

const shape = {
  category: z.enum(HOLD_CATEGORIES).meta({ description: '`order`: orders with their lines and stores. `event`: everything that events tell of themselves. Neither says whose it was.' }),
  reason: z.string().min(1).max(200).meta({ description: 'Which law, or which case. Certificates quote it.' }), until: z.iso.datetime(),
};
export const legalHoldBodySchema = z.strictObject({ id: idSchema, ...shape }).meta({ id: 'LegalHoldBody', examples: [{ id: 'tax', category: 'order', reason: 'Tax law: books are kept for ten years', until: '2036-12-31T00:00:00.000Z' }] });
export type LegalHoldBody = z.infer<typeof legalHoldBodySchema>;
export const legalHoldSchema = z.object({ id: z.string(), version: z.int(), ...shape }).meta({ id: 'LegalHold' });
export type LegalHoldView = z.infer<typeof legalHoldSchema>;

/** By id. */
export function listLegalHolds(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<LegalHoldView>> {
  return listConfigured<LegalHold, LegalHoldView>(admin, { kind: 'legalHolds', workspaceId, query }, ({ id, version, content: { until, ...hold } }) => ({ id, version, ...hold, until: new Date(until).toISOString() }));
}

/** Holds for erasures from now on: what was erased before is gone. @throws FirsthandError `CONFLICT` for an id that is taken */
export async function createLegalHold({ repository, clock }: AdminContext, { workspaceId }: Caller, { id, until, ...hold }: LegalHoldBody): Promise<LegalHoldView> {
  const { version } = await repository.create<LegalHold>('legalHolds', workspaceId, id, { ...hold, until: Date.parse(until) }, clock());
  return { id, version, ...hold, until };
}

/** Ends a hold: within the hour what no other hold keeps is deleted. @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH` */
export async function deleteLegalHold({ repository }: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  await repository.delete('legalHolds', workspaceId, id, ifMatch);
}
