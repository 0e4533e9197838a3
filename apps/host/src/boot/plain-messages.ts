import { z } from 'zod';

type Issue = Parameters<NonNullable<ReturnType<typeof z.config>['customError']>>[0];

/** What a schema's kinds are called by who reads the answer. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object', null: 'null',
};

/**
 * Has every schema say what it wants in plain words, where it has none of its own: `is missing (a text)` for Zod's `Invalid input: expected string, received undefined`.
 *
 * @example speakPlainly(); z.string().safeParse(undefined).error?.issues[0]?.message // 'is missing (a text)'
 */
export function speakPlainly(): void {
  z.config({ customError: plainMessage });
}

function plainMessage(issue: Issue): string | undefined {
  if (issue.code === 'unrecognized_keys') return `does not take ${issue.keys.join(', ')}`;
  const wanted = wantedBy(issue);
  if (issue.input === undefined) return wanted === undefined ? 'is missing' : `is missing (${wanted})`;
  return wanted === undefined ? undefined : `must be ${wanted}`;
}

function wantedBy(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return KINDS[issue.expected];
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  return issue.code === 'invalid_union' && Array.isArray(issue.options) ? oneOf(issue.options) : undefined;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;
}
