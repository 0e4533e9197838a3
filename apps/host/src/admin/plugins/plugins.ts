import type { JsonObject } from '@firsthand/domain';
import { settingsJsonSchema, type Channel, type PluginDefinition } from '@firsthand/plugin-sdk';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';

const channels = ['web', 'app', 'mini-program', 'store', 'crm', 'ads', 'file', 'server'] as const satisfies readonly Channel[];
const jsonObject = z.record(z.string(), z.unknown());

export const pluginSchema = z.object({
  id: z.string(), version: z.string(), name: z.string(), description: z.string(), channel: z.enum(channels),
  settingsSchema: jsonObject.meta({ description: 'JSON Schema 2020-12 of a connection’s settings; secrets are `writeOnly`.' }),
  sources: z.array(z.object({ capability: z.string(), label: z.string(), description: z.string(), trigger: z.string(), emits: z.array(z.string()), mapping: z.unknown(), sample: z.unknown() })),
  destinations: z.array(z.object({
    action: z.string(), label: z.string(), description: z.string(), accepts: z.string(), suggests: z.object({ purpose: z.string(), recipient: z.string() }),
    idempotency: z.string(), fieldsSchema: jsonObject, canRemove: z.boolean(), canErase: z.boolean(),
  })),
}).meta({ id: 'Plugin' });

export const pluginListSchema = z.object({
  items: z.array(pluginSchema),
  rejected: z.array(z.object({ id: z.string().nullable(), origin: z.string(), reasons: z.array(z.string()) })),
  nextCursor: z.null(),
}).meta({ id: 'PluginList' });

export interface PluginView {
  id: string;
  version: string;
  name: string;
  description: string;
  channel: Channel;
  settingsSchema: JsonObject;
  sources: object[];
  destinations: object[];
}

/** What is loaded, and what was left out with the reasons. */
export function listPlugins({ plugins, rejectedPlugins }: AdminContext): { items: PluginView[]; rejected: object[]; nextCursor: null } {
  return {
    items: plugins.all().map(({ definition }) => view(definition)),
    // The origin is a path of the operator's machine: its last part is enough to find it.
    rejected: rejectedPlugins.map(({ id, origin, reasons }) => ({ id: id ?? null, origin: origin.split(/[\\/]/).at(-1) ?? '', reasons })),
    nextCursor: null,
  };
}

/** @throws FirsthandError `UNKNOWN_PLUGIN` */
export function getPlugin({ plugins }: AdminContext, id: string): PluginView {
  return view(plugins.plugin(id));
}

function view({ id, version, name, description, channel, settings, sources = {}, destinations = {} }: PluginDefinition): PluginView {
  return {
    id, version, name, description, channel, settingsSchema: settingsJsonSchema(settings),
    sources: Object.entries(sources).map(([capability, { label, description: about, trigger, emits, mapping, sample }]) => (
      { capability, label, description: about, trigger: trigger.kind, emits, mapping, sample })),
    destinations: Object.entries(destinations).map(([action, destination]) => ({
      action, label: destination.label, description: destination.description, accepts: destination.accepts, suggests: destination.suggests, idempotency: destination.idempotency,
      fieldsSchema: settingsJsonSchema(destination.fields), canRemove: destination.removeMembers !== undefined, canErase: destination.erase !== undefined,
    })),
  };
}
