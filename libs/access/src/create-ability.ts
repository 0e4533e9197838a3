import { AbilityBuilder, createMongoAbility, type MongoAbility } from '@casl/ability';
import type { Action, Role, Subject } from './roles.js';

/** What somebody may do, field by field. */
export type AccessAbility = MongoAbility<[Action | 'manage', Subject | 'all']>;

type Builder = AbilityBuilder<AccessAbility>;

const WIRES = ['name', 'settings', 'unknownEvents', 'defaultCountry', 'consentCategories', 'concurrency', 'rateLimit', 'headOfLine'];

const RULES: Record<Role, (builder: Builder) => void> = {
  owner: ({ can }) => {
    can('manage', 'all');
  },
  admin: ({ can, cannot }) => {
    can('manage', 'all');
    cannot(['create', 'delete'], ['user', 'apiKey']);
    // An admin may correct a name; roles and passwords of others are the owner's.
    cannot('update', ['user', 'apiKey']);
    can('update', 'user', ['name']);
  },
  integrator: ({ can }) => {
    can('read', ['plugin', 'connection', 'mapping', 'dictionary', 'purpose', 'agreement', 'segment', 'flow', 'delivery', 'quarantine', 'balance']);
    can(['create', 'update', 'delete', 'operate'], 'mapping');
    // Who may receive what, and how data was collected, is not for the one who connects the wires to say.
    can('create', 'connection', ['kind', 'id', 'pluginId', 'capability', ...WIRES]);
    can('update', 'connection', WIRES);
    can(['delete', 'operate'], 'connection');
    can('operate', ['delivery', 'quarantine']);
  },
};

/**
 * The ability of somebody with these roles. Nothing is allowed that no role allows; what one role allows, another does not take away.
 *
 * @example createAbility(['integrator']).can('read', 'profile') // false
 */
export function createAbility(roles: readonly Role[]): AccessAbility {
  const builder = new AbilityBuilder<AccessAbility>(createMongoAbility);
  // Later rules win in CASL, so that the strongest role comes last.
  for (const role of (['integrator', 'admin', 'owner'] as const).filter((candidate) => roles.includes(candidate))) RULES[role](builder);
  return builder.build();
}
