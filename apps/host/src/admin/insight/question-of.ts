import { canonicalJson, type Condition, type JsonValue } from '@firsthand/domain';

/**
 * One text for conditions that say the same in other words: in another order, twice, in brackets of their own, denied twice. Such a condition is no new question.
 *
 * @example questionOf({ all: [b, { all: [a, b] }] }) === questionOf({ all: [a, b] })
 */
export function questionOf(condition: Condition): string {
  return canonicalJson(normalOf(condition) as JsonValue);
}

function normalOf(condition: Condition): Condition {
  if ('all' in condition) return joined(condition.all, (child) => ('all' in child ? child.all : null), (all) => ({ all }));
  if ('any' in condition) return joined(condition.any, (child) => ('any' in child ? child.any : null), (any) => ({ any }));
  if (!('not' in condition)) return condition;
  const inner = normalOf(condition.not);
  return 'not' in inner ? inner.not : { not: inner };
}

function joined(children: readonly Condition[], sameKind: (child: Condition) => readonly Condition[] | null, join: (children: Condition[]) => Condition): Condition {
  const parts = children.map(normalOf).flatMap((child) => sameKind(child) ?? [child]);
  const distinct = new Map(parts.map((part) => [canonicalJson(part as JsonValue), part]));
  const [only, ...others] = [...distinct].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, part]) => part);
  return only !== undefined && others.length === 0 ? only : join(only === undefined ? [] : [only, ...others]);
}
