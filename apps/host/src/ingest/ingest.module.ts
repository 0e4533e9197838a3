import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ProblemFilter } from '../boot/problem.filter.js';
import { LOGGER } from '../boot/tokens.js';
import { DataPlaneGuard } from './data-plane.guard.js';
import { HooksController } from './hooks.controller.js';
import { ImportController } from './import.controller.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { MeController } from './me.controller.js';
import { NoticesController } from './notices.controller.js';
import { PrivacyScriptController } from './privacy-script.controller.js';
import { ProjectsController } from './projects.controller.js';
import { SourceConfigController } from './source-config.controller.js';
import { TrackingBodyPipe } from './tracking-body.pipe.js';
import { TrackingController } from './tracking.controller.js';

/** The root module of the role `ingest`. */
@Module({})
export class IngestModule {
  static register(dependencies: IngestDependencies): DynamicModule {
    return {
      module: IngestModule,
      controllers: [TrackingController, ProjectsController, SourceConfigController, NoticesController, MeController, PrivacyScriptController, HooksController, ImportController],
      providers: [
        { provide: INGEST_DEPENDENCIES, useValue: dependencies },
        { provide: LOGGER, useValue: dependencies.logger },
        { provide: APP_GUARD, useClass: DataPlaneGuard },
        { provide: APP_PIPE, useClass: TrackingBodyPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
