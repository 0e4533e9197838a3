import { createAbility, type Principal } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import express, { type NextFunction, type Request, type Response } from 'express';

/** A configuration in one call. A plan with 500 events and 5,000 fields, drafted and live, has about 3 MB with its descriptions. */
const MAX_IMPORT = '16mb';

/** Whether a request imports a configuration: the one call with a body as large as a whole workspace's. */
export function isImport({ method, path }: Pick<Request, 'method' | 'path'>): boolean {
  return method === 'POST' && path === '/admin/v1/configuration';
}

/**
 * Reads the body of an import, which may be larger than any other. Who may not import is refused before a byte of it is read.
 *
 * @param authenticate gives who sends the request, or throws FirsthandError `UNAUTHENTICATED`
 * @example application.use(readImport((authorization) => authenticate(admin, authorization)));
 */
export function readImport(authenticate: (authorization: string | undefined) => Promise<Principal>) {
  const parse = express.json({ limit: MAX_IMPORT });
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (!isImport(request)) return next();
    const { permissions } = await authenticate(request.headers.authorization);
    if (!createAbility(permissions).can('update', 'configuration')) throw new FirsthandError('FORBIDDEN');
    parse(request, response, next);
  };
}
