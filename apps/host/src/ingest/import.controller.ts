import type { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBasicAuth, ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { FirsthandError } from '@firsthand/domain';
import type { BodyKind, CallerRequest } from './caller.js';
import { WriteKeyFor } from './data-plane.guard.js';
import { ApiAnswer, ApiProblems } from './data-plane-docs.js';
import { importFile, importReportSchema, type ImportReport } from './import-file.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';

const FILES = {
  csv: { value: 'customer_id,email,city\nc-1,ana@example.com,Shanghai\n' },
  ndjson: { value: '{"customer_id":"c-1","email":"ana@example.com"}\n' },
};

/** Files of records. */
@ApiTags('Imports')
@ApiBasicAuth('write-key')
@WriteKeyFor('file', { isSecret: true })
@Controller('import')
export class ImportController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Post(':connectionId') @HttpCode(200) @RouteConfig({ body: 'stream' satisfies BodyKind })
  @ApiOperation({ summary: 'A CSV or NDJSON file', description: 'Any size, gzip taken. Each row is a raw record of the connection. Send a file that broke off again as a whole.' })
  @ApiParam({ name: 'connectionId', example: 'con_4f2a' })
  @ApiConsumes('text/csv', 'application/x-ndjson')
  @ApiBody({ required: true, schema: { type: 'string' }, examples: FILES })
  @ApiAnswer(importReportSchema, { description: 'What became of the rows.', example: { rows: 3, accepted: 2, quarantined: 0, refused: 1, errors: [{ path: '/2', message: 'The line is not valid JSON.' }] } })
  @ApiProblems(400, 401, 403, 404, 415, 422, 503)
  import(@Param('connectionId') connectionId: string, @Req() request: CallerRequest): Promise<ImportReport> {
    if (connectionId !== request.caller.connection.connectionId) throw new FirsthandError('NOT_FOUND', 'The write key belongs to another connection.');
    const { 'content-type': contentType, 'content-encoding': encoding } = request.headers;
    return importFile(request.body as Readable, { contentType, encoding }, request.caller, this.plane);
  }
}
