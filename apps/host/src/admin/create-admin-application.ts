import { randomUUID } from 'node:crypto';
import { Module, StandardSchemaValidationPipe, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ACCESS_OPTIONS, AccessGuard, createConfirmationLinks, createLoginLimiter, createOneTimeCodes, createPrivacyLinks, createSessionTokens, type AccessOptions, type LoginLimiter } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { createLoginTryStore } from '@firsthand/persistence';
import { nestLogger } from '@firsthand/platform';
import helmet from 'helmet';
import { OperationsModule, type OperationsDependencies } from '../boot/operations.module.js';
import { ProblemFilter } from '../boot/problem.filter.js';
import { PUBLIC_ROUTE } from '../boot/public-route.js';
import { OpenDsrController } from '../opendsr/opendsr.controller.js';
import { takeKeysByBasic } from '../opendsr/read-request.js';
import { ExportPageController } from '../privacy/export-page.controller.js';
import { ConfirmationsController } from '../privacy/confirmations.controller.js';
import { OwnCopiesController } from '../privacy/own-copies.controller.js';
import { OwnRequestsController } from '../privacy/own-requests.controller.js';
import { PrivacyCodesController } from '../privacy/privacy-codes.controller.js';
import { PrivacyPageController } from '../privacy/privacy-page.controller.js';
import { AccountController } from './account/account.controller.js';
import { SecondFactorController } from './account/second-factor.controller.js';
import { AccountPageController } from './account/account-page.controller.js';
import { AccessSettingsController } from './access-settings/access-settings.controller.js';
import { ADMIN, type AdminContext, type AdminDependencies } from './admin-context.js';
import { AgreementsController } from './agreements/agreements.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AudiencesController } from './audiences/audiences.controller.js';
import { AuditLogController } from './audit-log/audit-log.controller.js';
import { authenticate } from './authenticate.js';
import { BalanceReportsController } from './balance/balance-reports.controller.js';
import { BalanceController } from './balance/balance.controller.js';
import { ChangesController } from './changes/changes.controller.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { ConsentsController } from './consents/consents.controller.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { DataUseController } from './data-use/data-use.controller.js';
import { ConfigurationFilesController } from './configuration-files/configuration-files.controller.js';
import { DictionaryController } from './dictionary/dictionary.controller.js';
import { OwnVocabularyController } from './dictionary/own-vocabulary.controller.js';
import { DRY_RUNS, DryRunInterceptor } from './dry-run/dry-run.interceptor.js';
import { createDryRuns } from './dry-run/dry-runs.js';
import { ErasuresController } from './erasures/erasures.controller.js';
import { LegalHoldsController } from './erasures/legal-holds.controller.js';
import { ExpectationsController } from './expectations/expectations.controller.js';
import { FlowRunsController } from './flows/flow-runs.controller.js';
import { IdentityLinksController } from './identity/identity-links.controller.js';
import { IdentityMatchingController } from './identity/identity-matching.controller.js';
import { IdentitySuggestionsController } from './identity/identity-suggestions.controller.js';
import { IdentitySettingsController } from './identity/identity-settings.controller.js';
import { FlowSettingsController } from './flow-settings/flow-settings.controller.js';
import { FlowTemplatesController } from './flows/flow-templates.controller.js';
import { FlowsController } from './flows/flows.controller.js';
import { AuditInterceptor } from './http/audit.interceptor.js';
import { EtagInterceptor } from './http/etag.interceptor.js';
import { FieldsInterceptor } from './http/fields.interceptor.js';
import { placesOf, type SchemaIssue } from './http/places-of.js';
import { readImport } from './http/read-import.js';
import { nameBrokenBodies, refuseComplexBodies, refuseForeignTypes } from './http/refuse-bad-bodies.js';
import { serveDocs } from './http/serve-docs.js';
import { FreshnessController } from './freshness/freshness.controller.js';
import { JwksController } from './jwks/jwks.controller.js';
import { MappingInsightController } from './mappings/mapping-insight.controller.js';
import { MappingTemplatesController } from './mappings/mapping-templates.controller.js';
import { MappingsController } from './mappings/mappings.controller.js';
import { OneMomentInterceptor } from './one-moment/one-moment.interceptor.js';
import { OwnershipSettingsController } from './ownership/ownership-settings.controller.js';
import { PersonExportsController } from './person-exports/person-exports.controller.js';
import { PluginsController } from './plugins/plugins.controller.js';
import { PrivacyLinksController } from './privacy-requests/privacy-links.controller.js';
import { PrivacyRequestsController } from './privacy-requests/privacy-requests.controller.js';
import { ProfilesController } from './profiles/profiles.controller.js';
import { PurposesController } from './purposes/purposes.controller.js';
import { QualityController } from './quality/quality.controller.js';
import { QuarantineController } from './quarantine/quarantine.controller.js';
import { QuarantineJobsController } from './quarantine/quarantine-jobs.controller.js';
import { RetentionController } from './retention/retention.controller.js';
import { PushGatesController } from './push-gates/push-gates.controller.js';
import { ReconcilesController } from './reconciles/reconciles.controller.js';
import { RemovalsController } from './removals/removals.controller.js';
import { RolesController } from './roles/roles.controller.js';
import { SegmentExportsController } from './segment-exports/segment-exports.controller.js';
import { SegmentListsController } from './segments/segment-lists.controller.js';
import { SegmentsController } from './segments/segments.controller.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SyncRulesController } from './sync-rules/sync-rules.controller.js';
import { TrackingPlanTemplatesController } from './tracking-plans/tracking-plan-templates.controller.js';
import { TrackingPlansController } from './tracking-plans/tracking-plans.controller.js';
import { UsersController } from './users/users.controller.js';

const MAX_BODY = '1mb';

@Module({})
class AdminModule {
  static register(real: AdminContext, operations: OperationsDependencies): DynamicModule {
    const dryRuns = createDryRuns(real);
    const { admin } = dryRuns;
    const access: AccessOptions = { publicRouteKey: PUBLIC_ROUTE, authenticate: (authorization) => authenticate(admin, authorization) };
    return {
      module: AdminModule,
      imports: [OperationsModule.register(operations)],
      controllers: [
        SessionsController, PluginsController, ConnectionsController, AudiencesController, MappingTemplatesController, MappingInsightController, MappingsController, TrackingPlanTemplatesController, TrackingPlansController, ExpectationsController, QualityController, FreshnessController, BalanceReportsController, DictionaryController, OwnVocabularyController, ConfigurationFilesController, DataUseController, PurposesController, ChangesController, AgreementsController, ConsentsController, ProfilesController,
        SegmentsController, SegmentListsController, SegmentExportsController, FlowTemplatesController, FlowsController, FlowRunsController, FlowSettingsController, SyncRulesController, DeliveriesController, PushGatesController, ReconcilesController, RemovalsController, RetentionController, QuarantineJobsController, QuarantineController, IdentitySettingsController, OwnershipSettingsController, IdentityLinksController, IdentityMatchingController, IdentitySuggestionsController, BalanceController, UsersController, AccountController, SecondFactorController, AccountPageController, RolesController, AccessSettingsController, ApiKeysController, AuditLogController, PrivacyRequestsController, PrivacyLinksController, ErasuresController, LegalHoldsController, PersonExportsController, OpenDsrController, ExportPageController, PrivacyPageController, PrivacyCodesController, OwnRequestsController, OwnCopiesController, ConfirmationsController, JwksController,
      ],
      providers: [
        { provide: ADMIN, useValue: admin },
        { provide: DRY_RUNS, useValue: dryRuns },
        { provide: ACCESS_OPTIONS, useValue: access },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        // The outermost: a dry run is in no audit log.
        { provide: APP_INTERCEPTOR, useClass: DryRunInterceptor },
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
        { provide: APP_INTERCEPTOR, useClass: FieldsInterceptor },
        // The innermost: what has to be done again is the handler alone.
        { provide: APP_INTERCEPTOR, useClass: OneMomentInterceptor },
        { provide: APP_PIPE, useFactory: () => new StandardSchemaValidationPipe({ exceptionFactory: invalidRequest }) },
      ],
    };
  }
}

/** What the admin plane needs besides {@link AdminDependencies}. */
export interface AdminApplicationOptions extends AdminDependencies, Omit<OperationsDependencies, 'logger'> {
  /** Reverse proxies in front of this host: without them the sender's own X-Forwarded-For says nothing. */
  trustedProxies: number;
  /** Makes the data plane's OpenAPI document, shown together with this one's; undefined where that plane is not in this process. */
  describeDataPlane: (() => OpenAPIObject) | undefined;
  /** Whether both are made when somebody first asks. */
  describesLate: boolean;
}

/**
 * Makes the admin and customer plane: REST under `/admin/v1`, Swagger UI at `/docs`, the dictionary, the privacy pages, health and metrics.
 * Not initialised yet; its Express instance is a request listener once it is.
 *
 * @example const application = await createAdminApplication(options); await application.init(); shared.mountRest(application.getHttpAdapter().getInstance());
 */
export async function createAdminApplication({ metrics, probes, trustedProxies, describeDataPlane, describesLate, ...dependencies }: AdminApplicationOptions): Promise<NestExpressApplication> {
  const { tokenSecret: secret, clock, logger, collections } = dependencies;
  const tries = createLoginTryStore(collections);
  const limiterOf = (name: string): LoginLimiter => createLoginLimiter({ name, secret, tries, clock });
  const admin: AdminContext = {
    ...dependencies, sessions: createSessionTokens({ secret, clock }), privacyLinks: createPrivacyLinks({ secret, clock }), confirmationLinks: createConfirmationLinks({ secret, clock }), limiter: limiterOf('login'), codes: createOneTimeCodes(secret), codeLimiter: limiterOf('code'), tryLimiter: limiterOf('code-try'), tokenLimiter: limiterOf('link'), newId: randomUUID, isDryRun: false,
  };
  const application = await NestFactory.create<NestExpressApplication>(AdminModule.register(admin, { logger, metrics, probes }), new ExpressAdapter(), {
    // The receipt of a request over OpenDSR repeats its bytes.
    bodyParser: false, rawBody: true, logger: nestLogger(logger), abortOnError: false,
  });
  application.disable('x-powered-by');
  // A caller's address, by which failed logins are counted, is the one that the first of them saw.
  application.set('trust proxy', trustedProxies);
  // Pages set their own policy with a nonce; everything else is JSON.
  application.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } }));
  application.use(takeKeysByBasic);
  application.use(refuseForeignTypes);
  application.use(readImport((authorization) => authenticate(admin, authorization)));
  application.useBodyParser('json', { limit: MAX_BODY });
  application.useBodyParser('text', { limit: MAX_BODY, type: 'text/csv' });
  application.useBodyParser('urlencoded', { limit: '16kb', extended: false });
  application.use(refuseComplexBodies);
  application.use(nameBrokenBodies);
  const describe = serveDocs(application, describeDataPlane);
  if (!describesLate) describe();
  return application;
}

function invalidRequest(issues: readonly SchemaIssue[]): FirsthandError {
  return new FirsthandError('INVALID_REQUEST', undefined, issues.flatMap((issue) => placesOf(issue)));
}
