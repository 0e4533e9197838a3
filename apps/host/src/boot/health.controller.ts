import { Controller, Get, HttpStatus, Inject, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorFunction } from '@nestjs/terminus';
import type { Response } from 'express';
import { PublicRoute } from './public-route.js';
import { HEALTH_PROBES } from './tokens.js';

/** One thing that a process needs. `check` throws when it is away. */
export interface HealthProbe {
  name: string;
  /** Without a `required` one the process is not ready; without the others it is degraded and goes on. */
  isRequired: boolean;
  check(): Promise<void> | void;
}

const PROBE_TIMEOUT_MS = 2_000;

/** Whether the process lives, and whether it can do its work. */
@ApiExcludeController()
@PublicRoute('load balancers ask it, and it tells nothing of the data')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(HEALTH_PROBES) private readonly probes: readonly HealthProbe[],
  ) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response): Promise<unknown> {
    try {
      return await this.health.check(this.probes.map((probe): HealthIndicatorFunction => () => this.ask(probe)));
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      response.status(HttpStatus.SERVICE_UNAVAILABLE);
      return error.getResponse();
    }
  }

  private async ask({ name, isRequired, check }: HealthProbe) {
    const indicator = this.indicators.check(name);
    const result = await indicator.attempt(async () => check()).withTimeout(PROBE_TIMEOUT_MS);
    // What the probe threw stays here: a driver's message names hosts and may quote data.
    if (result[name]?.status === 'up') return indicator.up();
    return isRequired ? indicator.down() : indicator.degraded();
  }
}
