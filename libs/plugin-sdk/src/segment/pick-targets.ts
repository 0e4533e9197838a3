import type { MappingPart } from '@firsthand/domain';

/**
 * Targets that take fields of the same name from one object of the input.
 *
 * @example pickTargets('context.os', 'context.os', ['name']) // { 'context.os.name': '{{context.os.name}}' }
 */
export function pickTargets(target: string, from: string, names: readonly string[]): MappingPart {
  return Object.fromEntries(names.map((name) => [`${target}.${name}`, `{{${from}.${name}}}`]));
}
