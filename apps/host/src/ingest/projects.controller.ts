import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { hashWriteKey } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { z } from 'zod';
import { PublicRoute } from '../boot/public-route.js';
import { ApiAnswer, ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';

const isOnByDefault = z.object({ __default: z.object({ enabled: z.literal(true) }) });

/** The settings file of analytics.js, as far as its SDK reads it. */
const sdkSettingsSchema = z.object({
  integrations: z.object({ 'Segment.io': z.object({ apiKey: z.string(), apiHost: z.string(), protocol: z.string(), addBundledMetadata: z.boolean(), unbundledIntegrations: z.array(z.string()) }) }),
  plan: z.object({ track: isOnByDefault, identify: isOnByDefault, group: isOnByDefault }),
  edgeFunction: z.strictObject({}), analyticsNextEnabled: z.boolean(), middlewareSettings: z.strictObject({}), enabledMiddleware: z.strictObject({}),
  metrics: z.object({ sampleRate: z.literal(0) }).meta({ description: 'Its own telemetry goes to its vendor: none of it.' }),
  legacyVideoPluginsEnabled: z.boolean(), remotePlugins: z.array(z.never()),
}).meta({ id: 'AnalyticsSettings' });
type SdkSettings = z.infer<typeof sdkSettingsSchema>;

const onByDefault = { __default: { enabled: true } } as const;
const settingsOf = (writeKey: string, apiHost: string, protocol: string): SdkSettings => ({
  integrations: { 'Segment.io': { apiKey: writeKey, apiHost, protocol, addBundledMetadata: false, unbundledIntegrations: [] } },
  plan: { track: onByDefault, identify: onByDefault, group: onByDefault },
  edgeFunction: {}, analyticsNextEnabled: true, middlewareSettings: {}, enabledMiddleware: {}, metrics: { sampleRate: 0 }, legacyVideoPluginsEnabled: false, remotePlugins: [],
});

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
  @ApiAnswer(sdkSettingsSchema, { description: 'The settings.', example: settingsOf('pk_…', 'data.example.com/v1', 'https') })
  @ApiProblems(401, 503)
  settings(@Param('writeKey') writeKey: string): SdkSettings {
    const owner = this.plane.configuration.writeKeyOwner(hashWriteKey(writeKey) ?? '');
    if (owner?.kind !== 'public') throw new FirsthandError('UNAUTHENTICATED', 'Browsers use a public write key.');
    const { protocol, host, pathname } = new URL(this.plane.publicUrl);
    const apiHost = `${host}${pathname.replace(/\/$/, '')}/v1`;
    return settingsOf(writeKey, apiHost, protocol.slice(0, -1));
  }
}
