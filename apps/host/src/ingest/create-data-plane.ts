import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { nestLogger } from '@firsthand/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from '../boot/problem.js';
import type { RequestListener } from '../boot/shared-server.js';
import { answerPreflights } from './answer-preflights.js';
import type { IngestDependencies } from './ingest-dependencies.js';
import { IngestModule } from './ingest.module.js';
import { measureRequests } from './measure-requests.js';
import { parseContent } from './parse-content.js';
import { refuseOtherMethods } from './refuse-other-methods.js';

/** The data plane, ready to be handed requests. */
export interface DataPlane {
  listener: RequestListener;
  /** Makes its part of the OpenAPI document. */
  describe(): OpenAPIObject;
  close(): Promise<void>;
}

/** The path prefixes that are the data plane's. */
export const DATA_PLANE_PREFIXES = ['/v1/', '/hooks/', '/import/', '/privacy.js'] as const;

/**
 * Makes the data plane: a Nest application on Fastify that listens to nothing by itself; requests come from the server that both planes share.
 *
 * @example const plane = await createDataPlane(server, dependencies); server.on('request', plane.listener);
 */
export async function createDataPlane(server: Server, dependencies: IngestDependencies): Promise<DataPlane> {
  let listener: RequestListener | undefined;
  const process = randomUUID().slice(0, 8);
  let requests = 0;
  const adapter = new FastifyAdapter({
    serverFactory: (handler: RequestListener) => {
      listener = handler;
      return server;
    },
    genReqId: () => `${process}-${(requests += 1).toString(36)}`,
    // Some SDKs put a slash at the end.
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    // Our own server does it, for both planes.
    forceCloseConnections: false,
    return503OnClosing: false,
    clientErrorHandler: () => undefined,
    frameworkErrors: answerAsProblem,
  });
  const fastify = adapter.getInstance();
  parseContent(fastify);
  answerPreflights(fastify);
  refuseOtherMethods(fastify);
  measureRequests(fastify, dependencies.metrics);
  const application = await NestFactory.create<NestFastifyApplication>(IngestModule.register(dependencies), adapter, { bodyParser: false, logger: nestLogger(dependencies.logger), abortOnError: false });
  await application.init();
  await fastify.ready();
  return { listener: listener as RequestListener, describe: () => describe(application), close: () => application.close() };
}

/** What the router refuses before any hook or filter runs, such as an address that cannot be decoded. */
function answerAsProblem(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { problem } = toProblem(error, request.id);
  void reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

function describe(application: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Firsthand data plane')
    .setVersion('1')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'The write key is the user name, the password stays empty.' }, 'write-key')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Signed by your own server for who is signed in.' }, 'user-token');
  const document = SwaggerModule.createDocument(application, builder.build(), { operationIdFactory: (_controller, method) => method });
  // The one-letter paths of browser SDKs are the same calls again; because of them the others are numbered.
  document.paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => !/^\/v1\/[a-z]$/.test(path)));
  for (const { post } of Object.values(document.paths)) if (post !== undefined) post.operationId = post.operationId?.replace(/\[0\]$/, '');
  return document;
}
