import { createMongoAbility, type MongoAbility, type RawRuleOf } from '@casl/ability';
import type { Action, Permission, Subject } from './roles.js';

/** What somebody may do, field by field. */
export type AccessAbility = MongoAbility<[Action, Subject]>;

/**
 * The ability of somebody with these permissions. Nothing is allowed that none of them allows; what one allows, another does not take away.
 *
 * @example createAbility(BUILT_IN_PERMISSIONS.integrator).can('read', 'profile') // false
 */
export function createAbility(permissions: readonly Permission[]): AccessAbility {
  const rules = permissions.map(({ actions, subjects, fields, conditions }): RawRuleOf<AccessAbility> => ({
    action: [...actions], subject: [...subjects],
    ...(fields === undefined ? {} : { fields: [...fields] }),
    ...(conditions === undefined ? {} : { conditions: Object.fromEntries(Object.entries(conditions).map(([key, values]) => [key, { $in: values }])) }),
  }));
  return createMongoAbility<AccessAbility>(rules, { fieldMatcher: (fields) => (field) => fields.some((held) => field === held || field.startsWith(`${held}.`)) });
}
