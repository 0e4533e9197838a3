import type { MappingPart } from '@firsthand/domain';

/** One trait by its names, strongest first. Segment's SDKs put traits at the top of an identify call, RudderStack's into the context. */
function trait(...names: string[]): string {
  return `{{default ${[...names.map((name) => `traits.${name}`), ...names.map((name) => `context.traits.${name}`)].join(' ')}}}`;
}

/** A trait that is an object in the spec and a text in practice: its part, or the text. `concat` gives nothing for an object. */
function traitPart(name: string, part: string): string {
  return `{{default traits.${name}.${part} (concat traits.${name}) context.traits.${name}.${part} (concat context.traits.${name})}}`;
}

/** The traits of an identify call ("Spec: Identify", Traits) but the phone, and the spellings seen beside them. */
export const segmentProfileTargets: MappingPart = {
  'profile.email': trait('email'),
  'profile.firstName': trait('firstName', 'first_name', 'firstname'),
  'profile.lastName': trait('lastName', 'last_name', 'lastname'),
  'profile.name': trait('name'),
  'profile.nickname': trait('username', 'nickname'),
  'profile.jobTitle': trait('title'),
  'profile.gender': '{{map (lower (default traits.gender context.traits.gender)) "f" "female" "w" "female" "m" "male" (lower (default traits.gender context.traits.gender))}}',
  'profile.birthday': trait('birthday'),
  'profile.age': trait('age'),
  'profile.language': trait('language'),
  'profile.timezone': trait('timezone'),
  'profile.street': traitPart('address', 'street'),
  'profile.city': trait('address.city', 'city'),
  'profile.region': trait('address.state', 'state'),
  'profile.postalCode': trait('address.postalCode', 'address.postal_code', 'address.zip'),
  'profile.country': trait('address.country', 'country'),
  'profile.avatarUrl': trait('avatar'),
  'profile.website': trait('website'),
  'profile.company': traitPart('company', 'name'),
  'profile.signedUpAt': trait('createdAt', 'created_at'),
  'profile.membershipLevel': trait('membershipLevel', 'membership_level'),
  'profile.loyaltyPoints': trait('loyaltyPoints', 'loyalty_points'),
  'profile.tags': trait('tags'),
};
