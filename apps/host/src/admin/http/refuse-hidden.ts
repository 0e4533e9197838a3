import { mayAskBy, type AccessAbility } from '@firsthand/access';
import { conditionReferences, FirsthandError, type Condition } from '@firsthand/domain';

/** Whether a caller sees only some fields of people, this one not among them. Who sees no people at all learns of groups only. */
function isHidden(ability: AccessAbility, field: string): boolean {
  return ability.rulesFor('read', 'profile').length > 0 && !mayAskBy(ability, 'profile', field);
}

/** Finding somebody by an identity tells whose it is. @throws FirsthandError `FORBIDDEN` for a namespace that the caller may not read */
export function refuseHiddenIdentity(ability: AccessAbility, namespace: string): void {
  if (isHidden(ability, `identities.${namespace}`)) throw new FirsthandError('FORBIDDEN', undefined, [{ path: '/namespace', message: 'is not for your role to read' }]);
}

/** Who filters people by a field learns it. @throws FirsthandError `FORBIDDEN` with each place of a condition that names a field which the caller may not read */
export function refuseHiddenTraits(ability: AccessAbility, condition: Condition): void {
  const places = conditionReferences(condition, { hasPurpose: () => true, hasSegment: () => true, hasList: () => true, hasAnswer: () => true, hasTrait: (name) => !isHidden(ability, `traits.${name}`) });
  if (places.length > 0) throw new FirsthandError('FORBIDDEN', undefined, places.map(({ path }) => ({ path: `/condition${path}`, message: 'is not for your role to read' })));
}
