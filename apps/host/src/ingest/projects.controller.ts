import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { hashWriteKey } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { PublicRoute } from '../boot/public-route.js';
import { ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';

/** What Segment's browser SDK asks its CDN for at start, so that pointing it here needs no file elsewhere. */
@ApiTags('Tracking')
@PublicRoute('the write key in the path is the credential')
@Controller('v1/projects')
export class ProjectsController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Get(':writeKey/settings')
  @Header('Cache-Control', 'no-cache')
  @ApiOperation({ summary: 'Settings for analytics.js', description: 'Load it with `cdnURL` set to this host. Public write keys only.' })
  @ApiParam({ name: 'writeKey', example: 'pk_…' })
  @ApiResponse({ status: 200, description: 'The settings.', content: { 'application/json': { example: { integrations: { 'Segment.io': { apiHost: 'data.example.com/v1', protocol: 'https' } } } } } })
  @ApiProblems(401, 503)
  settings(@Param('writeKey') writeKey: string): Record<string, unknown> {
    const owner = this.plane.configuration.writeKeyOwner(hashWriteKey(writeKey) ?? '');
    if (owner?.kind !== 'public') throw new FirsthandError('UNAUTHENTICATED', 'Browsers use a public write key.');
    const { protocol, host, pathname } = new URL(this.plane.publicUrl);
    const apiHost = `${host}${pathname.replace(/\/$/, '')}/v1`;
    return {
      integrations: { 'Segment.io': { apiKey: writeKey, apiHost, protocol: protocol.slice(0, -1), addBundledMetadata: false, unbundledIntegrations: [] } },
      plan: { track: { __default: { enabled: true } }, identify: { __default: { enabled: true } }, group: { __default: { enabled: true } } },
      edgeFunction: {},
      analyticsNextEnabled: true,
      middlewareSettings: {},
      enabledMiddleware: {},
      // Its own telemetry goes to its vendor: none of it.
      metrics: { sampleRate: 0 },
      legacyVideoPluginsEnabled: false,
      remotePlugins: [],
    };
  }
}
