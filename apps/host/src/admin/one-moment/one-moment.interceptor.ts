import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AccessRequest } from '@firsthand/access';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { DRY_RUNS } from '../dry-run/dry-run.interceptor.js';
import type { DryRuns } from '../dry-run/dry-runs.js';
import { atOneMoment } from './at-one-moment.js';

/** The metadata key of routes whose checks and writes are of one moment; see `Route`. */
export const ONE_MOMENT = 'firsthand:one-moment';

/** Runs the handlers of such routes by {@link atOneMoment}; those of one workspace one after the other, so that within a process nothing is done twice. */
@Injectable()
export class OneMomentInterceptor implements NestInterceptor {
  private readonly lasts = new Map<string, Promise<unknown>>();

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(DRY_RUNS) private readonly dryRuns: DryRuns,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const { admin, runOn } = this.dryRuns;
    // What writes nothing leaves nothing behind.
    if (this.reflector.get<true | undefined>(ONE_MOMENT, context.getHandler()) === undefined || admin.isDryRun) return next.handle();
    const { workspaceId } = context.switchToHttp().getRequest<AccessRequest>().principal;
    return from(this.inTurn(workspaceId, () => atOneMoment({ ...admin }, workspaceId, (inner) => runOn(inner, () => lastValueFrom(next.handle(), { defaultValue: undefined })))));
  }

  private inTurn<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    const own = (this.lasts.get(workspaceId) ?? Promise.resolve()).then(work, work);
    this.lasts.set(workspaceId, own);
    const forget = (): void => {
      if (this.lasts.get(workspaceId) === own) this.lasts.delete(workspaceId);
    };
    own.then(forget, forget);
    return own;
  }
}
