import { identitiesIn, type JsonObject } from '@firsthand/domain';
import { quarantineRow, storeKey, type StoredQuarantine } from '@firsthand/persistence';
import { quarantinedValues } from '@firsthand/pipeline';
import { keptQuarantine } from '../../admin/quarantine/quarantine.js';
import { connectionName, iso, ownId, type ExportedPerson, type ExportSection, type ExportSource } from '../export-source.js';

/** A shorter text that happens to be somebody's number is no sign that a record is about them: it would give away another person's record. */
const LEAST_SIGN = 8;

/** Records that could not be used and name the person. No mapping has read them, so all values of all rows of the workspace are compared. */
export const QUARANTINE_SECTION: ExportSection = {
  name: 'unusedRecords', from: ['quarantine'],
  async *read(source, person) {
    const { workspaceId, profile: { identities } } = person;
    const own = new Set(identities.filter(({ value }) => value.length >= LEAST_SIGN).map(({ namespace, value }) => `${namespace}|${value}`));
    for await (const stored of source.collections.quarantine.find({ workspaceId, ...keptQuarantine(source) }, { sort: { _id: 1 }, batchSize: 50 })) {
      const named = await namedIn(source, person, stored);
      if ([...named].some((key) => own.has(key))) yield await view(source, person, stored, named);
    }
  },
};

async function namedIn({ configuration }: ExportSource, { workspaceId }: ExportedPerson, stored: StoredQuarantine): Promise<Set<string>> {
  const { sources, identityRules } = configuration.workspace(workspaceId);
  const defaultCountry = sources.get(stored.connectionId)?.defaultCountry ?? null;
  return identitiesIn(quarantinedValues(quarantineRow(stored)), defaultCountry === null ? {} : { defaultCountry }, identityRules?.readerOf(stored.connectionId));
}

/** A record that names somebody else who is known here too is told of, and not given. */
async function view(source: ExportSource, { workspaceId, profileIds }: ExportedPerson, stored: StoredQuarantine, named: ReadonlySet<string>): Promise<JsonObject> {
  const signs = [...named].filter((key) => key.startsWith('email|') || key.startsWith('phone|')).map((key) => storeKey(workspaceId, key));
  const others = await source.collections.identities.findOne({ _id: { $in: signs }, profileId: { $nin: profileIds } }, { projection: { profileId: 1 } });
  const root = others === null ? null : await source.collections.aliases.findOne({ _id: storeKey(workspaceId, others.profileId) }, { projection: { to: 1 } });
  const isWithheld = others !== null && !profileIds.includes(root?.to ?? others.profileId);
  const { quarantineId, connectionId, code, places, receivedAt, quarantinedAt, raw } = quarantineRow(stored);
  return {
    id: ownId(workspaceId, quarantineId), source: connectionName(source, workspaceId, connectionId) ?? connectionId, code, places: places.map(({ path, message }) => ({ path, message })), receivedAt: iso(receivedAt), setAsideAt: iso(quarantinedAt),
    ...(isWithheld ? { isWithheld } : { raw }),
  };
}
