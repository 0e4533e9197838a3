import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { signedHeaders } from './signed-headers.js';

/** Sends each JSON answer with the signature over its very bytes (OpenDSR 2.0, section 8.3). Texts and streams go as they are. */
@Injectable()
export class SignAnswerInterceptor implements NestInterceptor {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(map((body) => {
      if (typeof body !== 'object' || body === null) return body;
      const text = JSON.stringify(body);
      response.set(signedHeaders(this.admin.bodySigner, text)).set('Cache-Control', 'no-store').type('application/json');
      return text;
    }));
  }
}
