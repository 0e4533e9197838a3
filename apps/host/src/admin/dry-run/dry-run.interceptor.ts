import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AccessRequest } from '@firsthand/access';
import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import type { Backfill } from '@firsthand/pipeline';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Caller } from '../http/caller.js';
import { groupsFor } from '../insight/groups.js';
import { countWithin } from './count-within.js';
import type { DescribeEffects, DryRunAnswer, DryRunEffect } from './dry-run-effect.js';
import type { DryRuns } from './dry-runs.js';
import type { WouldWrite } from './overlay-repository.js';

/** Injection token of {@link DryRuns}. */
export const DRY_RUNS = Symbol('dry-runs');

/** The metadata key of routes that can be tried; see `Route`. */
export const DRY_RUN = 'firsthand:dry-run';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The platform's own bookkeeping is no part of the answer. */
const UNSHOWN = new Set(['backfills']);

/**
 * Answers `?dryRun=true`: runs the route's own handler where it can write nothing, and says what would happen. A write that has no dry run refuses
 * the word instead of passing it over and acting.
 */
@Injectable()
export class DryRunInterceptor implements NestInterceptor {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(DRY_RUNS) private readonly dryRuns: DryRuns,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request & AccessRequest>();
    const { dryRun } = request.query;
    if (dryRun === undefined || READS.has(request.method)) return next.handle();
    const describe = this.reflector.get<DescribeEffects | undefined>(DRY_RUN, context.getHandler());
    if (describe === undefined) throw refusal('this call has no dry run');
    if (dryRun === 'false') return next.handle();
    if (dryRun !== 'true') throw refusal('is true or false');
    return from(this.tryOut(request, context.switchToHttp().getResponse<Response>(), next, describe));
  }

  private async tryOut(request: Request & AccessRequest, response: Response, next: CallHandler<unknown>, describe: DescribeEffects): Promise<DryRunAnswer> {
    const { principal, ability, params } = request;
    const caller: Caller = { workspaceId: principal.workspaceId, principal, ability };
    const { admin } = this.dryRuns;
    const status = response.statusCode;
    const { answer: { answer, own }, written } = await this.dryRuns.run(async () => {
      const answered = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return { answer: answered, own: await describe(admin, caller, { id: typeof params.id === 'string' ? params.id : '', answer: answered }) };
    });
    const effects = await inGroups(admin, caller, request, [...await this.followUps(caller, written), ...own]);
    // The version that a change would have is nobody's to match yet.
    response.status(200).removeHeader('ETag');
    return {
      dryRun: true, wouldAnswer: { status, body: answer ?? null }, effects,
      wouldWrite: written.filter(({ kind }) => !UNSHOWN.has(kind)).map(({ kind, id, change }) => ({ kind, id, change })),
    };
  }

  /** What follows from the work that the change would store for the people of the workspace. */
  private async followUps({ workspaceId }: Caller, written: readonly WouldWrite[]): Promise<DryRunEffect[]> {
    const backfills = written.flatMap(({ kind, row }) => (kind === 'backfills' && row !== null ? [row.content as Backfill] : []));
    if (backfills.length === 0) return [];
    const people = await countWithin(this.dryRuns.admin.collections.profiles, { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } });
    const counters = backfills.flatMap((backfill) => backfill.counters).length;
    return [{ effect: 'people-evaluated', count: people }, ...(counters > 0 ? [{ effect: 'counters-filled-from-events', count: counters }] : [])];
  }
}

/** Effects that count no people. */
const IMPERSONAL = new Set(['deliveries-waiting', 'deliveries-replayed', 'counters-filled-from-events']);

/** Numbers of people as the caller may be told them, of the call as it was made. */
async function inGroups(admin: DryRuns['admin'], caller: Caller, { method, path, body }: Request, effects: DryRunEffect[]): Promise<DryRunEffect[]> {
  const groups = await groupsFor(admin, caller);
  if (groups === null) return effects;
  const isOfPeople = ({ effect, ids, count }: DryRunEffect): boolean => ids === undefined && count !== null && !IMPERSONAL.has(effect);
  const asked = effects.filter(isOfPeople).map(({ effect, count }) => ({ question: ['effect', effect, method, path, (body ?? null) as JsonValue], count: count ?? 0 }));
  const numbers = await groups.shaped(asked);
  return effects.map((effect) => (isOfPeople(effect) ? { ...effect, count: groups.told(numbers.shift() ?? 0) } : effect));
}

function refusal(message: string): FirsthandError {
  return new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/dryRun', message }]);
}
