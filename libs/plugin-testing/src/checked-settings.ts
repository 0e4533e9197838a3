import { FirsthandError } from '@firsthand/domain';
import { fieldsValidator, type JsonObject, type PluginDefinition } from '@firsthand/plugin-sdk';

/** The settings as the host hands them over: checked, defaults filled in. */
export function checkedSettings(plugin: PluginDefinition, settings: JsonObject): JsonObject {
  const checked = fieldsValidator(plugin.settings)(settings);
  if (!checked.ok) throw new FirsthandError('INVALID_SETTINGS', 'The settings of the test do not fit the plugin.', checked.places);
  return checked.values as JsonObject;
}
