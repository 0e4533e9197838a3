import { Inject, Injectable, SetMetadata, type CanActivate, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { FirsthandError } from '@firsthand/domain';
import type { Trigger } from '@firsthand/plugin-sdk';
import type { FastifyRequest } from 'fastify';
import { PUBLIC_ROUTE } from '../boot/public-route.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { readWriteKeyHash } from './read-write-key.js';

const NEEDS = 'firsthand:write-key-for';

interface Needs {
  trigger: Trigger<never>['kind'];
  isSecret: boolean;
}

/**
 * Opens a route to the write keys of connections of one kind.
 *
 * @example @WriteKeyFor('trackingApi') @Controller('v1') class TrackingController {}
 */
export function WriteKeyFor(trigger: Needs['trigger'], { isSecret = false } = {}): CustomDecorator {
  return SetMetadata(NEEDS, { trigger, isSecret } satisfies Needs);
}

/** The data plane's one guard. A route that says nothing of who may call it is closed. */
@Injectable()
export class DataPlaneGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const needs = this.reflector.getAllAndOverride<Needs | undefined>(NEEDS, targets);
    if (needs !== undefined) this.identify(context.switchToHttp().getRequest<FastifyRequest>(), needs);
    else if (this.reflector.getAllAndOverride<string | undefined>(PUBLIC_ROUTE, targets) === undefined) throw new FirsthandError('UNAUTHENTICATED');
    return true;
  }

  private identify(request: FastifyRequest, { trigger, isSecret }: Needs): void {
    const hash = readWriteKeyHash(request);
    const owner = hash === null ? undefined : this.plane.configuration.writeKeyOwner(hash);
    if (hash === null || owner === undefined) throw new FirsthandError('UNAUTHENTICATED');
    if (isSecret && owner.kind !== 'secret') throw new FirsthandError('UNAUTHENTICATED', 'This route takes secret write keys only.');
    const configuration = this.plane.configuration.workspace(owner.workspaceId);
    const connection = configuration.sources.get(owner.connectionId);
    // Sending again helps once somebody has repaired it; a refusal would make SDKs throw their data away.
    if (connection === undefined) throw new FirsthandError('UNAVAILABLE', 'The connection of this write key cannot be used now; GET /admin/v1/connections tells why.', [], { retryAfterSeconds: 30 });
    if (connection.source.trigger.kind !== trigger) throw new FirsthandError('UNAUTHENTICATED', 'The connection of this write key does not take its data here.');
    request.caller = { configuration, connection, isVerified: owner.kind === 'secret', writeKeyHash: hash };
  }
}
