import { checkJsonLimits, FirsthandError, type JsonValue } from '@firsthand/domain';
import type { NextFunction, Request, Response } from 'express';

/** Far more than any document of the admin plane has, far less than what overflows a stack. */
const LIMITS = { maxDepth: 100, maxKeys: 100_000 };

/** Refuses a parsed body that is nested too deep or has too many keys, before anything walks through it: PAYLOAD_TOO_COMPLEX. */
export function refuseComplexBodies(request: Request, _response: Response, next: NextFunction): void {
  const isTooComplex = checkJsonLimits((request.body ?? null) as JsonValue, LIMITS) !== null;
  next(isTooComplex ? new FirsthandError('PAYLOAD_TOO_COMPLEX', `A body here takes ${LIMITS.maxDepth} levels and ${LIMITS.maxKeys} keys.`) : undefined);
}

/** Gives a body that is no JSON its own code; Nest would call it any bad request. */
export function nameBrokenBodies(error: unknown, _request: Request, _response: Response, next: NextFunction): void {
  const isBrokenJson = typeof error === 'object' && error !== null && 'type' in error && error.type === 'entity.parse.failed';
  next(isBrokenJson ? new FirsthandError('MALFORMED_JSON') : error);
}
