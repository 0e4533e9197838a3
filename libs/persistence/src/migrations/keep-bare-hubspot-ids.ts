import { RECTIFICATION } from '@firsthand/domain';
import { INTERNAL_CONNECTION } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';

interface ConnectionRow {
  _id: string;
  id: string;
  workspaceId: string;
  content: { pluginId: string; settings?: { portalId?: string } };
}

const HUBSPOT = 'hubspot';

/**
 * Ids of HubSpot's contacts have their account before them; those that are stored are bare numbers. Where they can be of one account alone, its connections go on to read and bring the bare ones beside the new ones: people stay who
 * they are, erased people stay known. Where two accounts are connected, or were until one was deleted, or another source brings ids of a CRM by a mapping of its own, nobody can tell whose a number is, and nothing is set. Safe to run again.
 */
export async function keepBareHubspotIds(connection: Connection): Promise<void> {
  const db = connection.getClient().db(connection.name);
  const connections = db.collection<ConnectionRow>('connections');
  const mappings = db.collection<{ id: string; content: unknown }>('mappings');
  for (const workspaceId of (await connections.distinct('workspaceId', { 'content.pluginId': HUBSPOT }))) {
    const own = await connections.find({ workspaceId, 'content.pluginId': HUBSPOT }).toArray();
    const accounts = new Set(own.map(({ content }) => content.settings?.portalId));
    const others = await mappings.find({ workspaceId, id: { $nin: own.map(({ id }) => id) } }).toArray();
    if (accounts.size > 1 || others.some(({ content }) => JSON.stringify(content).includes('identities.crmId'))) continue;
    // A source that is gone may have been of another account: its numbers are among the stored ones, and would lead to other people's contacts of this one.
    const known = await connections.distinct('id', { workspaceId });
    if ((await db.collection('events').findOne({ workspaceId, connectionId: { $nin: [...known, INTERNAL_CONNECTION, RECTIFICATION] }, 'record.identities.namespace': 'crmId' }, { projection: { _id: 1 } })) !== null) continue;
    await connections.updateMany({ _id: { $in: own.map(({ _id }) => _id) }, 'content.settings.bareIds': { $exists: false } }, { $set: { 'content.settings.bareIds': true } });
  }
}
