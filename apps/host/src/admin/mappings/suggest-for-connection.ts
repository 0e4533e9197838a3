import { suggestMapping, type MappingSuggestion } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { findSample } from './find-sample.js';
import type { MappingSuggestBody } from './mapping-bodies.js';
import { chooseMapping, compileFor, sourceOf } from './mapping-source.js';

/**
 * Proposes targets for the fields of a sample. Where the call names a mapping, what that one fills is left out.
 *
 * @throws FirsthandError `INVALID_MAPPING`, `NOT_FOUND`, `FORBIDDEN` for a stored sample
 */
export async function suggestForConnection(admin: AdminContext, caller: Caller, body: MappingSuggestBody): Promise<{ suggestions: MappingSuggestion[] }> {
  const source = await sourceOf(admin, caller.workspaceId, body.connectionId);
  const { dictionary, defaultCountry } = source.surroundings;
  const isNamed = body.mapping !== undefined || body.version !== undefined;
  const existing = isNamed ? compileFor(await chooseMapping(admin, caller.workspaceId, source, body), dictionary) : undefined;
  const { raw } = await findSample(admin, caller, source, body);
  return { suggestions: suggestMapping(raw, { dictionary, defaultCountry, existing }) };
}
