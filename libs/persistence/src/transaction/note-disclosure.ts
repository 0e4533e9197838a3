import { stableId } from '@firsthand/domain';
import { groundKey, type DisclosureGround, type DisclosureRow } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { storeKey } from '../store/store-key.js';
import type { StoredDisclosure } from '../store/stored-rows.js';

/** Adds what a recipient gets to what is noted of it already, in one statement: sets grow, first times only fall and last times only rise. */
export function noteDisclosure({ workspaceId, connectionId, action, profileId, purposes, fields, identifiers, firstAt, grounds }: DisclosureRow): { filter: { _id: string }; update: mongo.UpdateFilter<StoredDisclosure>; upsert: true } {
  const places = grounds.map((ground) => [`grounds.${stableId(groundKey(ground))}`, ground] as const);
  const of = (what: (place: string, ground: DisclosureGround) => object): object => Object.assign({}, ...places.map(([place, ground]) => what(place, ground))) as object;
  return {
    filter: { _id: storeKey(workspaceId, connectionId, action, profileId) },
    update: {
      $setOnInsert: { schemaVersion: 1, workspaceId, connectionId, action, profileId },
      ...(grounds.length === 0 ? {} : { $set: of(setPlace) }),
      $min: { firstAt, ...of((place, ground) => ({ [`${place}.firstAt`]: ground.firstAt })) },
      $max: of((place, ground) => ({ [`${place}.lastAt`]: ground.lastAt })),
      $addToSet: { purposes: { $each: purposes }, fields: { $each: fields }, identifiers: { $each: identifiers }, ...of((place, ground) => ({ [`${place}.fields`]: { $each: ground.fields } })) },
    },
    upsert: true,
  };
}

function setPlace(place: string, { purpose, reason, agreementId, agreementVersion, recipient, country, recipientName }: DisclosureGround): object {
  return Object.fromEntries(Object.entries({ purpose, reason, agreementId, agreementVersion, recipient, country, recipientName }).map(([name, value]) => [`${place}.${name}`, value]));
}
