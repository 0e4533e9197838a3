import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Metrics } from '@firsthand/platform';
import type { Response } from 'express';
import { PublicRoute } from './public-route.js';
import { METRICS } from './tokens.js';

/** The process's metrics in the Prometheus text format. */
@ApiExcludeController()
@PublicRoute('counts and durations only; keep it from the outside in the proxy')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get()
  async read(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
