import type { ErrorPlace } from '@firsthand/domain';

/** What a schema says of a body that does not fit. */
export interface SchemaIssue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  code?: string;
  /** Of a schema of alternatives: what each of them says. */
  errors?: readonly (readonly SchemaIssue[])[];
}

/** What Zod says where none of several alternatives fits, and nobody has said it better. */
const NONE_FITS = 'Invalid input';

/**
 * The places of an issue as JSON Pointers. Of alternatives with fields it is those of the one that comes nearest: that none fits would leave whoever reads it to guess.
 *
 * @example placesOf(z.union([a, b]).safeParse(body).error.issues[0]) // [{ path: '/reason', message: 'is missing (a text)' }]
 */
export function placesOf({ message, path = [], errors = [] }: SchemaIssue, above = ''): ErrorPlace[] {
  const at = above + path.map((step) => `/${String(typeof step === 'object' ? step.key : step)}`).join('');
  const [nearest] = message === NONE_FITS ? errors.filter((issues) => issues.some(isWithin)).sort((one, other) => one.length - other.length) : [];
  return nearest === undefined ? [{ path: at, message }] : nearest.flatMap((issue) => placesOf(issue, at));
}

/** A value of another kind altogether says nothing of how near an alternative is. */
function isWithin({ path = [], code }: SchemaIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}
