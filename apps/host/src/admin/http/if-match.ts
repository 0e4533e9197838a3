import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { FirsthandError } from '@firsthand/domain';

/**
 * Reads the version that an update was made on: a strong or weak entity tag such as `"3"` (RFC 9110, section 13.1.1).
 *
 * @throws FirsthandError `PRECONDITION_REQUIRED` without the header, `VERSION_MISMATCH` for a tag that can be none of ours
 * @example parseIfMatch('"3"') // 3
 */
export function parseIfMatch(header: string | undefined): number {
  if (header === undefined || header.trim() === '') throw new FirsthandError('PRECONDITION_REQUIRED');
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  if (version === undefined) throw new FirsthandError('VERSION_MISMATCH', 'If-Match holds one version, such as "3".');
  return Number(version);
}

type Headers = Record<string, string | undefined>;

function headerOf(context: ExecutionContext): string | undefined {
  return context.switchToHttp().getRequest<{ headers: Headers }>().headers['if-match'];
}

/** The version in If-Match, as a parameter of a route; see `Route` with `isUpdate`. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number =>
  parseIfMatch(headerOf(context)));

/** As {@link IfMatch}, for actions that may be asked for on whatever version is there: undefined without the header. */
export const OptionalIfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number | undefined => {
  const header = headerOf(context);
  return header === undefined ? undefined : parseIfMatch(header);
});
