import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { nestLogger } from '@firsthand/platform';
import { OperationsModule, type OperationsDependencies } from './operations.module.js';
import { ProblemFilter } from './problem.filter.js';

@Module({})
class OperationsRootModule {
  static register(dependencies: OperationsDependencies): DynamicModule {
    return {
      module: OperationsRootModule,
      imports: [OperationsModule.register(dependencies)],
      providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
    };
  }
}

/** Health and metrics alone, for a process without the role `admin`. Not initialised yet. */
export function createOperationsApplication(dependencies: OperationsDependencies): Promise<INestApplication> {
  return NestFactory.create(OperationsRootModule.register(dependencies), new ExpressAdapter(), { bodyParser: false, logger: nestLogger(dependencies.logger), abortOnError: false });
}
