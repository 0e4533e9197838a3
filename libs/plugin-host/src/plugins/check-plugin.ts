import { fieldsValidator, SDK_VERSION, type Fields, type PluginDefinition } from '@firsthand/plugin-sdk';
import semver from 'semver';
import { checkDestination, checkListedSource } from './check-destination.js';
import { checkSource } from './check-source.js';
import { FaultList, isObject, isText, type Loose } from './fault-list.js';
import type { PluginChecks } from './plugin-checks.js';

const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const CHANNELS: readonly unknown[] = ['web', 'app', 'mini-program', 'store', 'crm', 'ads', 'file', 'server'];

/**
 * Checks the default export of a plugin's package. Gives everything that is wrong with it; nothing when it can be loaded. Never throws.
 *
 * @example checkPlugin(module.default, checks) // ['source order-paid: a webhook needs verify.']
 */
export function checkPlugin(plugin: unknown, checks: PluginChecks): string[] {
  const list = new FaultList();
  if (!isObject(plugin)) return ['The package has no default export made by definePlugin.'];
  list.must(isText(plugin.id) && ID.test(plugin.id), 'id is kebab-case, e.g. acme-shop.');
  list.must(isText(plugin.version) && semver.valid(plugin.version) !== null, 'version is a semantic version.');
  list.must(isText(plugin.name) && isText(plugin.description), 'name and description are needed.');
  list.must(CHANNELS.includes(plugin.channel), `channel is one of ${CHANNELS.join(', ')}.`);
  list.must(plugin.testConnection === undefined || typeof plugin.testConnection === 'function', 'testConnection is a function.');
  checkSdk(plugin.sdk, list);
  if (list.must(isObject(plugin.settings), 'settings is an object of fields.')) {
    list.mustNotThrow('settings', () => fieldsValidator(plugin.settings as Fields));
  }
  checkCapabilities(plugin, list, checks);
  return list.faults;
}

/** Narrows what {@link checkPlugin} found nothing wrong with. */
export function isPlugin(plugin: unknown, faults: readonly string[]): plugin is PluginDefinition {
  return isObject(plugin) && faults.length === 0;
}

function checkSdk(range: unknown, list: FaultList): void {
  if (!list.must(isText(range) && semver.validRange(range) !== null, 'sdk is a semver range, e.g. ^0.1.0.')) return;
  list.must(semver.satisfies(SDK_VERSION, range as string), `It was written for SDK ${range as string}; this host has ${SDK_VERSION}.`);
}

function checkCapabilities(plugin: Loose, list: FaultList, checks: PluginChecks): void {
  const { sources = {}, destinations = {} } = plugin;
  if (!list.must(isObject(sources) && isObject(destinations), 'sources and destinations are objects by id.')) return;
  const ids = [...Object.keys(sources as Loose), ...Object.keys(destinations as Loose)];
  list.must(ids.length > 0, 'It has neither a source nor a destination.');
  for (const id of ids) list.must(ID.test(id), `"${id}": the id of a source or destination is kebab-case.`);
  list.must(new Set(ids).size === ids.length, 'A source and a destination have the same id.');
  for (const [id, source] of Object.entries(sources as Loose)) list.mustNotThrow(`source ${id}`, () => checkSource(source, `source ${id}`, list, checks));
  for (const [id, destination] of Object.entries(destinations as Loose)) {
    list.mustNotThrow(`destination ${id}`, () => checkDestination(destination, `destination ${id}`, list, checks));
    checkListedSource(destination, `destination ${id}`, sources as Loose, list);
  }
}
