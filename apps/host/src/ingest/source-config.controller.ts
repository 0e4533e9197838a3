import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FirsthandError } from '@firsthand/domain';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PublicRoute } from '../boot/public-route.js';
import { ApiAnswer, ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { readWriteKeyHash } from './read-write-key.js';

/** The source as RudderStack's control plane describes one. */
const sourceConfigSchema = z.object({
  source: z.object({
    id: z.string(), name: z.string(), enabled: z.boolean(), workspaceId: z.string(),
    config: z.object({ statsCollection: z.object({ errors: z.object({ enabled: z.literal(false) }), metrics: z.object({ enabled: z.literal(false) }) }) })
      .meta({ description: "The SDK's own telemetry goes to its vendor: none of it." }),
    destinations: z.array(z.never()).meta({ description: 'Device-mode destinations, which the SDK would load from its vendor and feed past every consent decision: none.' }),
    dataplanes: z.strictObject({}).meta({ description: "Where events go is said by the SDK's own option." }),
  }),
}).meta({ id: 'SourceConfig' });
type SourceConfig = z.infer<typeof sourceConfigSchema>;

const example: SourceConfig = {
  source: { id: 'online-shop', name: 'online-shop', enabled: true, workspaceId: 'main', config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } }, destinations: [], dataplanes: {} },
};

/** What RudderStack's browser SDK asks its control plane for at start; with `configUrl` set to `<this host>/v1` it needs no other. */
@ApiTags('Tracking')
@ApiBasicAuth('write-key')
@PublicRoute('the write key is the credential, and a paused connection has a configuration too')
@Controller('v1')
export class SourceConfigController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Get('sourceConfig')
  @Header('Cache-Control', 'no-cache')
  @ApiOperation({ summary: "Configuration for RudderStack's browser SDK", description: 'Load it with `configUrl` set to `<this host>/v1`. Public write keys only, as Basic user name or in the query.' })
  @ApiAnswer(sourceConfigSchema, { description: 'The source, without destinations.', example })
  @ApiProblems(401, 503)
  sourceConfig(@Req() request: FastifyRequest): SourceConfig {
    const hash = readWriteKeyHash(request);
    const owner = hash === null ? undefined : this.plane.configuration.writeKeyOwner(hash);
    if (owner?.kind !== 'public') throw new FirsthandError('UNAUTHENTICATED', 'Browsers use a public write key.');
    const { workspaceId, connectionId } = owner;
    return { source: { ...example.source, id: connectionId, name: connectionId, workspaceId } };
  }
}
