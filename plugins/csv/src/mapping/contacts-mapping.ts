import type { Mapping } from '@firsthand/plugin-sdk';
import { column, day, moment, number, phone, texts } from './column.js';
import { personTargets } from './person-targets.js';

/**
 * A row of contacts to a profile. Without `updated_at` the row is as new as its arrival. There is no message id: the same row sent again is one
 * event. A file gives no consent; a mapping of the connection's own may add it where each row says when and to which text it was given.
 */
export const contactsMapping: Mapping = {
  type: { $const: 'identify' },
  occurredAt: moment('updated_at'),
  ...personTargets,
  'profile.email': column('email'),
  'profile.phone': phone('phone'),
  'profile.firstName': column('first_name'),
  'profile.lastName': column('last_name'),
  'profile.name': column('name'),
  'profile.title': column('title'),
  'profile.gender': '{{map (lower (trim gender)) "f" "female" "w" "female" "m" "male" "女" "female" "男" "male" (trim gender)}}',
  'profile.birthday': day('birthday'),
  'profile.language': column('language'),
  'profile.street': column('street'),
  'profile.city': column('city'),
  'profile.region': column('region'),
  'profile.postalCode': column('postal_code'),
  'profile.country': column('country'),
  'profile.company': column('company'),
  'profile.jobTitle': column('job_title'),
  'profile.memberSince': moment('member_since'),
  'profile.membershipLevel': column('membership_level'),
  'profile.loyaltyPoints': number('loyalty_points'),
  'profile.preferredStoreId': column('preferred_store_id'),
  'profile.tags': texts('tags'),
  'profile.source': column('source'),
};
