import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { tap, type Observable } from 'rxjs';

/** Sets ETag from the version of the resource that a route answers with. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(tap((body) => {
      const version = typeof body === 'object' && body !== null && 'version' in body ? body.version : undefined;
      if (typeof version === 'number' && !response.headersSent) response.setHeader('ETag', `"${version}"`);
    }));
  }
}
