import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one process, in the Prometheus text format. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per request, by plane, route pattern and status. */
  readonly requestDuration: Histogram<'plane' | 'route' | 'status'>;
  /** Records taken in, and those refused at the door. */
  readonly acceptedRecords: { inc(count: number): void };
  readonly refusedRecords: { inc(count: number): void };
  /** Consents of records that could not be read, by signal. */
  readonly unreadableConsents: Counter<'signal'>;
  /** Seconds since the configuration was last known to be current. */
  readonly clockOffset: Gauge;
  readonly configurationAge: Gauge;
  /** Connections, segments and flows that could not be compiled and are left out. */
  readonly configurationProblems: Gauge;
  /** Seconds since the outside last knew the heads of all chains. */
  readonly checkpointAge: Gauge;
  /** Failures of background work, by its name. */
  readonly workFailures: Counter<'work'>;
  /** Requests of data subjects that are due within three days, or overdue. */
  readonly privacyRequestsDue: Gauge<'workspace' | 'state'>;
  /** What the sweeps of a workspace removed because it may be kept no longer. */
  readonly retentionRemoved: Counter<'workspace' | 'what'>;
  /** Deliveries by what was written down of them, per destination. */
  readonly deliveries: Counter<'connection' | 'outcome' | 'reason'>;
  /** Seconds per request to a destination. */
  readonly deliveryRequestDuration: Histogram<'connection'>;
  /** Seconds from a change to its confirmed write, per pair of connections. */
  readonly freshness: Histogram<'source' | 'destination'>;
  /** Seconds that the longest due delivery of a destination has waited. */
  readonly deliveryQueueAge: Gauge<'connection'>;
  /** Removals after a withdrawal that nobody has confirmed: `late` for a day, or `ended` without being carried out. */
  readonly unconfirmedRemovals: Gauge<'workspace' | 'connection' | 'as'>;
  /** Fields of people that sync rules do not write any more, since their values went to and fro. */
  readonly stoppedSyncFields: Gauge<'workspace' | 'connection' | 'rule'>;
  /** Minutes of connections of the last seven days whose books do not close. */
  readonly balanceOpenMinutes: Gauge<'workspace'>;
  /** Breaker of a destination: 0 closed, 1 half-open, 2 open. */
  readonly deliveryBreaker: Gauge<'connection'>;
}

/**
 * Makes the metrics registry of a process.
 *
 * @param options `withProcessMetrics` adds memory, CPU, event loop and garbage collection.
 * @example const metrics = createMetrics({ withProcessMetrics: true }); metrics.acceptedRecords.inc(12);
 */
export function createMetrics({ withProcessMetrics }: { withProcessMetrics: boolean }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const ingestedRecords = new Counter({ name: 'firsthand_ingested_records_total', help: 'Records by what became of them at the door.', labelNames: ['outcome'], registers });
  if (withProcessMetrics) collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestDuration: new Histogram({
      name: 'firsthand_http_request_duration_seconds', help: 'Seconds per request.', labelNames: ['plane', 'route', 'status'], registers,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    acceptedRecords: ingestedRecords.labels('accepted'),
    refusedRecords: ingestedRecords.labels('refused'),
    unreadableConsents: new Counter({ name: 'firsthand_unreadable_consents_total', help: 'Consents that came with records and could not be read.', labelNames: ['signal'], registers }),
    clockOffset: new Gauge({ name: 'firsthand_clock_offset_seconds', help: 'Seconds by which the clock is behind that of MongoDB; ahead of it where negative.', registers }),
    configurationAge: new Gauge({ name: 'firsthand_configuration_age_seconds', help: 'Seconds since the configuration was last known to be current.', registers }),
    configurationProblems: new Gauge({ name: 'firsthand_configuration_problems', help: 'Things of the configuration that could not be compiled.', registers }),
    checkpointAge: new Gauge({ name: 'firsthand_checkpoint_age_seconds', help: 'Seconds since the heads of all evidence chains were last told outside of the database.', registers }),
    workFailures: new Counter({ name: 'firsthand_work_failures_total', help: 'Failures of background work.', labelNames: ['work'], registers }),
    privacyRequestsDue: new Gauge({ name: 'firsthand_privacy_requests_due', help: 'Requests of data subjects that are not answered, by whether they are due within three days or overdue.', labelNames: ['workspace', 'state'], registers }),
    retentionRemoved: new Counter({ name: 'firsthand_retention_removed_total', help: 'What was removed because it may be kept no longer.', labelNames: ['workspace', 'what'], registers }),
    deliveries: new Counter({ name: 'firsthand_deliveries_total', help: 'Deliveries by outcome and reason.', labelNames: ['workspace', 'connection', 'outcome', 'reason'], registers }),
    deliveryRequestDuration: new Histogram({
      name: 'firsthand_delivery_request_duration_seconds', help: 'Seconds per request to a destination.', labelNames: ['workspace', 'connection'], registers, buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    }),
    freshness: new Histogram({
      name: 'firsthand_freshness_seconds', help: 'Seconds from a change in a source to its confirmed write at a destination.', labelNames: ['workspace', 'source', 'destination'], registers,
      buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400],
    }),
    deliveryQueueAge: new Gauge({ name: 'firsthand_delivery_queue_age_seconds', help: 'Seconds that the longest due delivery has waited.', labelNames: ['workspace', 'connection'], registers }),
    unconfirmedRemovals: new Gauge({ name: 'firsthand_unconfirmed_removals', help: 'Removals after a withdrawal that are late by a day, or have ended without being carried out.', labelNames: ['workspace', 'connection', 'as'], registers }),
    stoppedSyncFields: new Gauge({ name: 'firsthand_stopped_sync_fields', help: 'Fields of people that a sync rule does not write any more, since their values went to and fro.', labelNames: ['workspace', 'connection', 'rule'], registers }),
    balanceOpenMinutes: new Gauge({ name: 'firsthand_balance_open_minutes', help: 'Minutes of connections of the last seven days whose books do not close.', labelNames: ['workspace'], registers }),
    deliveryBreaker: new Gauge({ name: 'firsthand_delivery_breaker_state', help: '0 closed, 1 half-open, 2 open.', labelNames: ['workspace', 'connection'], registers }),
  };
}
