import type { ChainAnchor } from '@firsthand/pipeline';
import { z } from 'zod';

/** The `typ` of a checkpoint's JWS. */
export const CHECKPOINT_TYPE = 'firsthand-checkpoint+jws';

/** The head of a chain: how many links it has and the hash of the last, which names all before it. */
export interface ChainHead extends ChainAnchor {
  /** `workspaceId|connectionId`; the ledger of consents is `workspaceId|@consents`. */
  chain: string;
  count: number;
}

const checkpointSchema = z.object({
  iss: z.string(), at: z.iso.datetime(), heads: z.array(z.object({ chain: z.string().min(3), seq: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/), count: z.int() })),
});
/** What a checkpoint says: the heads of the chains that have grown since the one before, all of them after a start. */
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** The content of a JWS as a checkpoint; undefined for what is none. */
export function readCheckpoint(content: unknown): Checkpoint | undefined {
  return checkpointSchema.safeParse(content).data;
}
