import type { UserTokens } from '@firsthand/access';
import type { Clock, Ingest, Store } from '@firsthand/pipeline';
import type { Logger, Metrics } from '@firsthand/platform';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import type { EventLimiter } from './event-limiter.js';

/** Injection token of {@link IngestDependencies}. */
export const INGEST_DEPENDENCIES = Symbol('ingest-dependencies');

/** What the data plane is made of; put together at boot, outside Nest. */
export interface IngestDependencies {
  configuration: ConfigurationSnapshot;
  ingest: Ingest;
  /** Of public write keys. */
  limiter: EventLimiter;
  clock: Clock;
  /** Where people are read whom user tokens name. */
  store: Pick<Store, 'snapshot'>;
  userTokens: UserTokens;
  /** Where the outside reaches this host. */
  publicUrl: string;
  logger: Logger;
  metrics: Metrics;
}
