import type { DestinationConnection } from '@firsthand/pipeline';
import { joinSettings, type CompileConnectionContext } from './compile-source.js';
import type { DestinationConnectionDocument } from './documents.js';

/**
 * Compiles a destination connection: every action of its plugin, and its settings with the secrets joined in.
 *
 * @throws FirsthandError `UNKNOWN_PLUGIN`, `SECRET_UNREADABLE`, `INVALID_SETTINGS`
 */
export function compileDestination(connectionId: string, document: DestinationConnectionDocument, context: CompileConnectionContext): DestinationConnection {
  const { name, pluginId, recipient, country, concurrency, batchSize, rateLimit, headOfLine } = document;
  // Of one that is both only the sending was stopped: what comes in is not lost for it.
  const status = document.status === 'enabled' && document.disabled !== null ? 'paused' : document.status;
  const plugin = context.registry.plugin(pluginId);
  return {
    connectionId, workspaceId: context.workspaceId, name, pluginId, status,
    settings: joinSettings(connectionId, document, plugin.settings, context),
    recipient, country, concurrency, batchSize, rateLimit, headOfLine,
    destinations: plugin.destinations ?? {},
    sources: plugin.sources ?? {},
  };
}
