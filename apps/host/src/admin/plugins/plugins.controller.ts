import { Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { getPlugin, listPlugins, pluginListSchema, pluginSchema, type PluginView } from './plugins.js';

const example = {
  id: 'webhook', version: '0.1.0', name: 'Webhook', description: 'Sends signed JSON to any address.', channel: 'server',
  settingsSchema: { type: 'object', properties: { url: { type: 'string', format: 'uri', title: 'URL' } }, required: ['url'] }, sources: [], destinations: [],
};

@ApiTags('Plugins')
@Controller('admin/v1/plugins')
export class PluginsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Lists the plugins', description: 'Those that were left out at boot stand under `rejected`, with their reasons.', requires: ['read', 'plugin'],
    gives: pluginListSchema, example: { items: [example], rejected: [{ id: 'acme-shop', origin: 'acme-shop', reasons: ['The SDK range "^9.0.0" is not met by 0.1.0.'] }], nextCursor: null },
  })
  list(): ReturnType<typeof listPlugins> {
    return listPlugins(this.admin);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One plugin', requires: ['read', 'plugin'], gives: pluginSchema, errors: ['UNKNOWN_PLUGIN'], example })
  get(@Param('id', { schema: idSchema }) id: string): PluginView {
    return getPlugin(this.admin, id);
  }
}
