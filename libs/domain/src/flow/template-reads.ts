import { FirsthandError } from '../errors/firsthand-error.js';
import { compileMapping } from '../mapping/compile-mapping.js';
import type { Mapping, MappingPart } from '../mapping/mapping.js';

/** A path that a mapping reads, and the target or condition that reads it, as a place in the mapping. */
export interface TemplateRead {
  at: string;
  path: string;
}

/** All that the templates of a mapping read, each path once for the innermost target; nothing of a mapping that does not compile. */
export function templateReads(mapping: Mapping): TemplateRead[] {
  return Array.isArray(mapping) ? mapping.flatMap((part, index) => partReads(part, `/${index}`)) : partReads(mapping, '');
}

function partReads(part: MappingPart, at: string): TemplateRead[] {
  const { $when, ...targets } = part;
  const all = [...readsOf(targets)];
  const own = all.flatMap(([target, paths]) => {
    const inner = new Set(all.filter(([other]) => other.startsWith(`${target}.`)).flatMap(([, read]) => read));
    return paths.filter((path) => !inner.has(path)).map((path) => ({ at: `${at}/${target}`, path }));
  });
  const ofCondition = $when === undefined ? [] : [...readsOf({ when: $when }).values()].flat();
  return [...ofCondition.map((path) => ({ at: `${at}/$when`, path })), ...own];
}

function readsOf(targets: MappingPart): ReadonlyMap<string, readonly string[]> {
  try {
    return compileMapping(targets).reads;
  } catch (error) {
    // It is told of where mappings are checked.
    if (error instanceof FirsthandError) return new Map();
    throw error;
  }
}
