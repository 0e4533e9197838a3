import { until } from '../../support/until.js';
import type { ScriptedDestination } from './scripted-destination.js';

/** How long it takes from now until a destination hears from somebody again; at most so long, where it does not. */
export async function silence(destination: Pick<ScriptedDestination, 'received'>, withinMs: number): Promise<number> {
  const [from, arrived] = [Date.now(), destination.received.length];
  await until(() => destination.received.length, (count) => count > arrived, withinMs);
  return Date.now() - from;
}
