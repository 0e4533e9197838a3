import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { Logger, Metrics } from '@firsthand/platform';
import { HealthController, type HealthProbe } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { HEALTH_PROBES, LOGGER, METRICS } from './tokens.js';

export interface OperationsDependencies {
  logger: Logger;
  metrics: Metrics;
  probes: readonly HealthProbe[];
}

/** Health and metrics: a part of every process, whatever its roles. Gives `LOGGER`, `METRICS` and `HEALTH_PROBES` to the modules beside it. */
@Module({})
export class OperationsModule {
  static register({ logger, metrics, probes }: OperationsDependencies): DynamicModule {
    return {
      module: OperationsModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: METRICS, useValue: metrics },
        { provide: HEALTH_PROBES, useValue: probes },
      ],
      exports: [LOGGER, METRICS, HEALTH_PROBES],
    };
  }
}
