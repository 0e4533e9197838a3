import type { DestinationDefinition, SendContext } from './destination.js';
import type { Fields, ValuesOf } from './fields.js';
import type { SourceDefinition } from './source.js';

/** The channel a plugin stands for; profile fields and reports name it. */
export type Channel = 'web' | 'app' | 'mini-program' | 'store' | 'crm' | 'ads' | 'file' | 'server';

export interface PluginDefinition<F extends Fields = Fields> {
  /** Kebab-case, e.g. `acme-shop`. */
  id: string;
  /** Semantic version of the plugin. */
  version: string;
  name: string;
  description: string;
  channel: Channel;
  /** Semver range of the SDK it was written for, e.g. `^0.1.0`. */
  sdk: string;
  settings: F;
  sources?: Record<string, SourceDefinition<F>>;
  destinations?: Record<string, DestinationDefinition<F>>;
  /** Checks settings against the vendor; throws InvalidCredentials or RetryableError. */
  testConnection?(context: SendContext<ValuesOf<F>>): Promise<void>;
}
