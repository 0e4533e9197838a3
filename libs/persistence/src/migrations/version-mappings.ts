import type { Connection } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';

interface OlderMapping {
  _id: string;
  id: string;
  workspaceId: string;
  version: number;
  updatedAt: number;
  content: { mapping: unknown };
}

/** The id of a version within its workspace: versions of a connection lie in their order. */
const versionId = (connectionId: string, version: number): string => `${connectionId}.${String(version).padStart(6, '0')}`;

/** A mapping that was only ever replaced becomes the published version whose number its records have, and the draft of the next one. Safe to run again. */
export async function versionMappings(connection: Connection): Promise<void> {
  await createCollections(connection);
  const db = connection.getClient().db(connection.name);
  const [mappings, versions] = [db.collection<OlderMapping>('mappings'), db.collection<{ _id: string }>('mappingVersions')];
  for await (const { _id, id, workspaceId, version, updatedAt, content: { mapping } } of mappings.find({ 'content.mapping': { $exists: true } })) {
    const own = versionId(id, version);
    const content = { connectionId: id, version, mapping, tests: [], publishedAt: updatedAt };
    const row = { schemaVersion: 1, id: own, workspaceId, version: 1, createdAt: updatedAt, updatedAt, content };
    await versions.updateOne({ _id: `${workspaceId}|${own}` }, { $setOnInsert: row }, { upsert: true });
    await mappings.updateOne({ _id }, { $set: { content: { draft: { mapping, tests: [] }, live: { version, mapping, publishedAt: updatedAt }, lastVersion: version } as never } });
  }
}
