import { isSameJson, type JsonObject, type JsonValue } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { MappingContent, MappingVersionContent } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { mappingBodySchema } from '../mappings/mapping-bodies.js';
import { publishMapping, rollBackMapping, saveDraft } from '../mappings/mappings.js';
import { versionId } from '../version-id.js';
import type { ConfigurationDocument } from './configuration-documents.js';
import { readContent } from './read-stored.js';

const mappingFileSchema = z.strictObject({ draft: mappingBodySchema.required(), published: mappingBodySchema.required().nullable() });

/** A mapping as a document: the draft, and what is live with the tests that it passed. */
export async function mappingContent({ repository }: { repository: Pick<AdminContext['repository'], 'get'> }, { id, workspaceId, content: { draft, live } }: Configured<MappingContent>): Promise<object> {
  if (live === null) return { draft, published: null };
  const { content: { mapping, tests } } = await repository.get<MappingVersionContent>('mappingVersions', workspaceId, versionId(id, live.version));
  return { draft, published: { mapping, tests } };
}

/** What is published first, as a version of its own where it is another one; then the draft, which may be half-way to the next. */
export async function writeMapping(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument, row: Configured<MappingContent> | undefined): Promise<void> {
  const { draft, published } = readContent(mappingFileSchema, content);
  const stored = row === undefined ? undefined : (await mappingContent(admin, row)) as JsonObject;
  let version = row?.version ?? 0;
  let draftNow: unknown = stored?.draft ?? null;
  if (!isSame(stored?.published ?? null, published)) {
    if (published === null) {
      ({ version } = await rollBackMapping(admin, caller, id, version, 0));
    } else {
      ({ version } = await saveDraft(admin, caller, id, version, published));
      ({ version } = await publishMapping(admin, caller, id, version));
      draftNow = published;
    }
  }
  if (!isSame(draftNow as JsonValue, draft)) await saveDraft(admin, caller, id, version, draft);
}

function isSame(one: JsonValue, other: unknown): boolean {
  return isSameJson(one, other as JsonValue);
}
