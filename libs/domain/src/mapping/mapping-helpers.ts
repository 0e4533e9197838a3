import { listHelpers } from './list-helpers.js';
import { logicHelpers } from './logic-helpers.js';
import type { MappingHelper } from './mapping-helper.js';
import { textHelpers } from './text-helpers.js';
import { valueHelpers } from './value-helpers.js';

/**
 * The closed list of functions that mapping templates may call, by name, each with its arguments, description and a tested example. There is none that
 * reads a clock or the network: the same record maps to the same result at any time.
 *
 * @example mappingHelpers.get('lower')?.description
 */
export const mappingHelpers: ReadonlyMap<string, MappingHelper> = new Map(
  [...textHelpers, ...valueHelpers, ...listHelpers, ...logicHelpers].map((helper) => [helper.name, helper]),
);
