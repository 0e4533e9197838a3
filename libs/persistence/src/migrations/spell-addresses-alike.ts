import { normaliseEmail, unionIdentities, type Identity } from '@firsthand/domain';
import mongoose, { type Connection } from 'mongoose';
import type { StoredAlias, StoredIdentity } from '../store/stored-rows.js';
import { storeKey } from '../store/store-key.js';

interface Person {
  _id: string;
  identities: Identity[];
  verifiedKeys: string[];
}

const NAMESPACE = 'email|';
const DUPLICATE_KEY = 11_000;

/**
 * An address whose domain has other letters than ASCII is spelled as DNS has it, and its mailbox in Unicode's form C. Who is known by an older spelling gets the new one beside it: consents and events keep the old one. Where
 * the new one is somebody else's already, a verified record that names both joins them. Accounts of staff are found by the new one alone. Safe to run again.
 */
export async function spellAddressesAlike(connection: Connection): Promise<void> {
  const db = connection.getClient().db(connection.name);
  const [identities, profiles, aliases] = [db.collection<StoredIdentity>('identities'), db.collection<Person>('profiles'), db.collection<StoredAlias>('aliases')];
  for await (const row of identities.find({ _id: /\|email\|.*[^ -~]/ })) {
    const [key, address] = spelledAnew(row._id.slice(row.workspaceId.length + 1));
    if (address === null) continue;
    const added: Identity = { namespace: 'email', value: address };
    const _id = storeKey(row.workspaceId, `${NAMESPACE}${address}`);
    await identities.updateOne({ _id }, { $setOnInsert: { schemaVersion: 1, workspaceId: row.workspaceId, profileId: row.profileId, createdAt: row.createdAt } }, { upsert: true });
    const owner = (await identities.findOne({ _id }))?.profileId;
    if (owner !== row.profileId) continue;
    const root = (await aliases.findOne({ _id: storeKey(row.workspaceId, owner) }))?.to ?? owner;
    const person = await profiles.findOne({ _id: storeKey(row.workspaceId, root) }, { projection: { identities: 1, verifiedKeys: 1 } });
    if (person === null) continue;
    const known = [...person.identities];
    unionIdentities(known, [added]);
    const isVerified = person.verifiedKeys.includes(key);
    await profiles.updateOne({ _id: person._id }, { $set: { identities: known }, ...(isVerified ? { $addToSet: { verifiedKeys: `${NAMESPACE}${address}` } } : {}) });
  }
  const users = db.collection<{ _id: string; content: { email?: string } }>('users');
  for await (const { _id, content: { email = '' } } of users.find({ 'content.email': /[^ -~]/ })) {
    const address = normaliseEmail(email);
    // Another account has it: the older spelling is nobody's to log in with, and an owner sees both.
    if (address !== null) await users.updateOne({ _id }, { $set: { 'content.email': address } }).catch(unlessTaken);
  }
}

/** The key, and the address as it is spelled now where that is another. */
function spelledAnew(key: string): [key: string, address: string | null] {
  const address = normaliseEmail(key.slice(NAMESPACE.length));
  return [key, address === key.slice(NAMESPACE.length) ? null : address];
}

function unlessTaken(error: unknown): void {
  if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
}
