import { mayAskBy, type AccessAbility } from '@firsthand/access';
import { conditionReferences, FirsthandError, type Condition, type ErrorPlace } from '@firsthand/domain';

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
  refuse(places.map(({ path }) => `/condition${path}`));
}

/**
 * Who sends a field to a system of their own choice learns it.
 *
 * @param fields each with its place in the body
 * @throws FirsthandError `FORBIDDEN` with each place that names a field which the caller may not read
 */
export function refuseHiddenFields(ability: AccessAbility, fields: readonly { path: string; trait: string }[]): void {
  refuse(fields.filter(({ trait }) => isHidden(ability, `traits.${trait}`)).map(({ path }) => path));
}

/**
 * Where a flow goes by a field, and how many go each way, tells the field as well.
 *
 * @param problemsOf what is wrong with the flow where only such profile fields are known
 * @throws FirsthandError `FORBIDDEN` with each place that names a field which the caller may not read
 */
export function refuseHiddenInFlow(ability: AccessAbility, problemsOf: (hasTrait?: (name: string) => boolean) => readonly ErrorPlace[]): void {
  const open = new Set(problemsOf().map(({ path }) => path));
  refuse(problemsOf((name) => !isHidden(ability, `traits.${name}`)).map(({ path }) => path).filter((path) => !open.has(path)));
}

function refuse(paths: readonly string[]): void {
  if (paths.length > 0) throw new FirsthandError('FORBIDDEN', undefined, paths.map((path) => ({ path, message: 'is not for your role to read' })));
}
