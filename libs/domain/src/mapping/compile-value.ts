import type { JsonValue } from '../json.js';
import { pointerToken } from '../json-pointer.js';
import { checkJsonLimits } from '../canonical/json-limits.js';
import { compileSingle, compileTemplate } from './compile-template.js';
import type { MappingValue } from './mapping.js';
import { isTruthy, type MappedValue } from './mapping-helper.js';
import { isSafeKey } from '../canonical/safe-key.js';
import type { TemplatePlace, TemplateRun } from './template-run.js';
import { writePath } from './write-path.js';

const NOTHING: TemplateRun = () => undefined;
const MAX_DEPTH = 16;

/** A value of a mapping under way: where it stands in the mapping (`pointer`) and what it fills (`target`). */
export interface ValuePlace extends Omit<TemplatePlace, 'refuse'> {
  /** JSON Pointer into the mapping. */
  pointer: string;
  /** Canonical path that the value fills. */
  target: string;
  depth: number;
  /** The set of input paths read for a target. */
  readsOf(target: string): Set<string>;
  /** The set of input paths whose values go into a target, those inside of `$each` too. */
  sourcesOf(target: string): Set<string>;
  isTarget(path: string): boolean;
  /** Takes a mistake; `at` is `line:column` inside a template, or null for the mapping's own shape. */
  report(pointer: string, at: string | null, reason: string): void;
}

/** One assignment of an object of targets: where its value goes and how it is made. */
export interface Assignment {
  path: readonly string[];
  run: TemplateRun;
  /** An earlier assignment put an object of the input above this one. */
  isShared: boolean;
}

/**
 * Compiles one value of a mapping. The closure gives undefined for what is to be left out; null only for an explicit `{ $const: null }`.
 */
export function compileValue(value: MappingValue | undefined, place: ValuePlace): TemplateRun {
  if (typeof value === 'string') return compileLeaf(value, place);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(place, 'A value is a template, {"$const"}, {"$each"}, {"$when"} or a tree of these');
  if (place.depth > MAX_DEPTH) return refuse(place, `Nested deeper than ${MAX_DEPTH}`);
  if (Object.hasOwn(value, '$const')) return compileConst(value as { $const: JsonValue }, place);
  if (Object.hasOwn(value, '$each')) return compileEach(value as { $each: string; value: MappingValue }, place);
  if (Object.hasOwn(value, '$when')) return compileWhen(value as { $when: string; value: MappingValue; else?: MappingValue }, place);
  return compileTree(value as Record<string, MappingValue>, place);
}

/**
 * Compiles an object of targets to assignments in their order. Outside of `$each` every target has its own reads, those of the conditions
 * around it included; a tree's reads are those of all its targets.
 */
export function compileAssignments(targets: Record<string, MappingValue | undefined>, place: ValuePlace): Assignment[] {
  const assignments: Assignment[] = [];
  const inherited = [...place.reads];
  const around = [...place.sources];
  for (const [key, value] of Object.entries(targets)) {
    const path = key.split('.');
    const target = place.target === '' ? key : `${place.target}.${key}`;
    const pointer = `${place.pointer}/${pointerToken(key)}`;
    const wrong = path.find((part) => part === '' || part.startsWith('$') || !isSafeKey(part));
    if (wrong !== undefined) {
      place.report(pointer, null, `"${key}" is no target: "${wrong}" cannot be written`);
      continue;
    }
    const reads = place.isInsideEach ? place.reads : place.readsOf(target);
    for (const read of inherited) reads.add(read);
    const sources = place.sourcesOf(target);
    for (const source of around) sources.add(source);
    const run = compileValue(value, { ...place, pointer, target, reads, sources, depth: place.depth + 1 });
    for (const read of reads) place.reads.add(read);
    for (const source of sources) place.sources.add(source);
    assignments.push({ path, run, isShared: assignments.some((earlier) => isAbove(earlier.path, path)) });
  }
  return assignments;
}

/** Whether the first path is a start of the second. */
export function isAbove(above: readonly string[], below: readonly string[]): boolean {
  return above.length < below.length && above.every((part, at) => part === below[at]);
}

/** Runs assignments into a tree; gives whether anything was written. */
export function assign(tree: Record<string, JsonValue>, assignments: readonly Assignment[], context: MappedValue, scope: Parameters<TemplateRun>[1]): boolean {
  let isWritten = false;
  for (const { path, run, isShared } of assignments) {
    const value = run(context, scope);
    if (value === undefined) continue;
    isWritten = true;
    if (path.length === 1) tree[path[0] as string] = value;
    else writePath(tree, path, value, isShared);
  }
  return isWritten;
}

/** The template part of a place, for a template that stands at `pointer`. */
export function templatePlace(place: ValuePlace, pointer = place.pointer): TemplatePlace {
  return { ...place, refuse: (at, reason) => place.report(pointer, at, reason) };
}

function compileLeaf(template: string, place: ValuePlace): TemplateRun {
  checkTarget(place);
  const run = compileTemplate(template, templatePlace(place));
  return (context, scope) => orAbsent(run(context, scope));
}

function compileConst(value: { $const: JsonValue }, place: ValuePlace): TemplateRun {
  checkTarget(place);
  noOtherKeys(value, ['$const'], place);
  if (checkJsonLimits(value.$const) !== null) return refuse(place, '$const is too large');
  const literal = freeze(structuredClone(value.$const));
  return () => literal;
}

function compileEach(each: { $each: string; value: MappingValue }, place: ValuePlace): TemplateRun {
  checkTarget(place);
  noOtherKeys(each, ['$each', 'value'], place);
  if (typeof each.$each !== 'string') return refuse(place, '$each is a template');
  const listReads = new Set<string>();
  const list = compileSingle(each.$each, templatePlace({ ...place, reads: listReads, sources: new Set() }, `${place.pointer}/$each`));
  for (const read of listReads) place.reads.add(read);
  const prefix = listPrefix(each.$each, listReads);
  // What a helper makes of the list has no paths of its own.
  if (prefix === null) for (const read of listReads) place.sources.add(read);
  const item = compileValue(each.value, { ...place, pointer: `${place.pointer}/value`, prefix, isInsideEach: true, depth: place.depth + 1 });
  return (context, scope) => {
    const elements = list(context, scope);
    if (!Array.isArray(elements)) return undefined;
    const out: JsonValue[] = [];
    for (let index = 0; index < elements.length; index += 1) {
      const mapped = item(elements[index], { ...scope, index });
      if (mapped !== undefined) out.push(mapped);
    }
    return out;
  };
}

/** Elements lie below the list's path when the list is a bare path; a helper's result has no path. */
function listPrefix(template: string, reads: ReadonlySet<string>): readonly string[] | null {
  const [path] = reads;
  const isBarePath = /^\{\{\s*[^\s(]+\s*\}\}$/.test(template.trim());
  return isBarePath && path !== undefined ? (path === '*' ? [] : path.split('.')) : null;
}

function compileWhen(when: { $when: string; value: MappingValue; else?: MappingValue }, place: ValuePlace): TemplateRun {
  noOtherKeys(when, ['$when', 'value', 'else'], place);
  if (typeof when.$when !== 'string') return refuse(place, '$when is a template');
  const condition = compileSingle(when.$when, templatePlace(place, `${place.pointer}/$when`));
  const value = compileValue(when.value, { ...place, pointer: `${place.pointer}/value`, depth: place.depth + 1 });
  const otherwise = when.else === undefined ? NOTHING : compileValue(when.else, { ...place, pointer: `${place.pointer}/else`, depth: place.depth + 1 });
  return (context, scope) => (isTruthy(condition(context, scope)) ? value(context, scope) : otherwise(context, scope));
}

function compileTree(tree: Record<string, MappingValue>, place: ValuePlace): TemplateRun {
  const assignments = compileAssignments(tree, place);
  return (context, scope) => {
    const out: Record<string, JsonValue> = {};
    return assign(out, assignments, context, scope) ? out : undefined;
  };
}

function checkTarget(place: ValuePlace): void {
  if (!place.isTarget(place.target)) place.report(place.pointer, null, `"${place.target}" is not in the dictionary`);
}

function noOtherKeys(value: object, allowed: readonly string[], place: ValuePlace): void {
  for (const key of Object.keys(value)) if (!allowed.includes(key)) place.report(`${place.pointer}/${key}`, null, `"${key}" does not go with "${allowed[0]}"`);
}

function refuse(place: ValuePlace, reason: string): TemplateRun {
  place.report(place.pointer, null, reason);
  return NOTHING;
}

function orAbsent(value: MappedValue): MappedValue {
  if (value === null || value === '') return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) {
    for (const key in value) if (Object.hasOwn(value, key)) return value;
    return undefined;
  }
  return value;
}

function freeze<T extends JsonValue>(value: T): T {
  if (value !== null && typeof value === 'object') for (const child of Object.values(Object.freeze(value))) freeze(child as JsonValue);
  return value;
}
