import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { serve, setup } from 'swagger-ui-express';
import { API_GROUPS } from './api-groups.js';

/** Swagger UI's own bundle needs inline styles and data images; scripts come from here alone. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const DESCRIPTION = `1. Sign in: **Sessions**, \`POST /admin/v1/sessions\`, **Try it out**, with your address and password, **Execute**.
2. Press **Authorize** and put the \`token\` of the answer under *session*. It lasts 30 minutes.
3. The groups stand in the order of work, and their examples go together: sent one after another they make a flow that runs.

An error is problem+json with a stable \`code\` and a \`wayOut\`. An update wants \`If-Match\` with the \`version\` that you read. Where a route has \`dryRun\`, \`true\` says what would happen and does nothing.`;

/**
 * Serves the OpenAPI document of both planes at `/docs-json` and Swagger UI at `/docs`, to which `/` leads. Neither needs credentials: they describe, and hold no data.
 *
 * @returns makes the document, which is a second's work, unless it has been made; the first request does it else
 */
export function serveDocs(application: NestExpressApplication, describeDataPlane: (() => OpenAPIObject) | undefined): () => OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Firsthand').setVersion('0.1.0')
    .setDescription(DESCRIPTION)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token of a session.' }, 'session')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'fh_…', description: 'An API key.' }, 'api-key')
    .build();
  config.tags = API_GROUPS.map(([name, description]) => ({ name, description }));
  let document: OpenAPIObject | undefined;
  const describe = (): OpenAPIObject => (document ??= merge(SwaggerModule.createDocument(application, config), describeDataPlane?.()));
  // What a browser is pointed at first.
  application.use((request: Request, response: Response, next: NextFunction) => (request.path === '/' && request.method === 'GET' ? response.redirect('/docs/') : next()));
  application.use('/docs-json', (_request: Request, response: Response) => void response.json(describe()));
  application.use('/docs', (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', POLICY);
    next();
  }, serve, setup(undefined, { swaggerOptions: { url: '/docs-json', persistAuthorization: false, docExpansion: 'none', filter: true, deepLinking: true }, customSiteTitle: 'Firsthand' }));
  return describe;
}

function merge(own: OpenAPIObject, other: OpenAPIObject | undefined): OpenAPIObject {
  if (other === undefined) return own;
  return {
    ...own, paths: { ...other.paths, ...own.paths },
    components: {
      ...other.components, ...own.components, schemas: { ...other.components?.schemas, ...own.components?.schemas },
      securitySchemes: { ...other.components?.securitySchemes, ...own.components?.securitySchemes },
    },
  };
}
