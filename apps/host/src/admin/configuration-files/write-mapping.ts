import { isSameJson, type JsonObject, type JsonValue } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { MappingContent, MappingVersionContent } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { mappingBodySchema } from '../mappings/mapping-bodies.js';
import { findMapping, mappingVersionId } from '../mappings/mapping-source.js';
import { publishMapping, rollBackMapping, saveDraft } from '../mappings/mappings.js';
import type { ConfigurationDocument } from './configuration-documents.js';
import { readContent } from './read-stored.js';

const mappingFileSchema = z.strictObject({ draft: mappingBodySchema.required(), published: mappingBodySchema.required().nullable() });

/** A mapping as a document: the draft, and what is live with the tests that it passed. */
export async function mappingContent({ repository }: { repository: Pick<AdminContext['repository'], 'get'> }, { id, workspaceId, content: { draft, live } }: Configured<MappingContent>): Promise<object> {
  if (live === null) return { draft, published: null };
  const { content: { mapping, tests } } = await repository.get<MappingVersionContent>('mappingVersions', workspaceId, mappingVersionId(id, live.version));
  return { draft, published: { mapping, tests } };
}

/** What is published first, as a version of its own where it is another one; then the draft, which may be half-way to the next. */
export async function writeMapping(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument): Promise<void> {
  const { draft, published } = readContent(mappingFileSchema, content);
  const find = () => findMapping(admin, caller.workspaceId, id);
  const shown = async (): Promise<JsonObject | undefined> => {
    const row = await find();
    return row === undefined ? undefined : (await mappingContent(admin, row)) as JsonObject;
  };
  const versionNow = async (): Promise<number> => (await find())?.version ?? 0;
  if (!isSame((await shown())?.published ?? null, published)) {
    if (published === null) {
      await rollBackMapping(admin, caller, id, undefined, 0);
    } else {
      await saveDraft(admin, caller, id, await versionNow(), published);
      await publishMapping(admin, caller, id, undefined);
    }
  }
  if (!isSame((await shown())?.draft ?? null, draft)) await saveDraft(admin, caller, id, await versionNow(), draft);
}

function isSame(one: JsonValue, other: unknown): boolean {
  return isSameJson(one, other as JsonValue);
}
