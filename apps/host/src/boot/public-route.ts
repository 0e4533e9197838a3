import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** The metadata key that the guards of both planes read. */
export const PUBLIC_ROUTE = 'firsthand:public-route';

/**
 * Opens a route, or all of a controller, to callers without credentials. Both guards deny by default; the reason stands beside each exception.
 *
 * @example @PublicRoute('a load balancer asks it') @Get('live') live() {}
 */
export function PublicRoute(reason: string): CustomDecorator {
  return SetMetadata(PUBLIC_ROUTE, reason);
}
