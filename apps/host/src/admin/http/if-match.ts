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

/** The version in If-Match, as a parameter of a route; see `Route` with `isUpdate`. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number =>
  parseIfMatch(context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>().headers['if-match']));
