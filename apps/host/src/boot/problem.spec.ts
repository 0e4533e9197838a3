import { BadRequestException, HttpException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { ERROR_TABLE, FirsthandError, type ErrorCode } from '@firsthand/domain';
import { toProblem } from './problem.js';

describe('toProblem', () => {
  it.each(Object.keys(ERROR_TABLE) as ErrorCode[])('says all that the table knows of %s', (code) => {
    const { status, title, wayOut } = ERROR_TABLE[code];
    expect(toProblem(new FirsthandError(code), 'r').problem).toEqual({ type: `urn:firsthand:error:${code}`, status, title, wayOut, code, requestId: 'r' });
  });

  it('names the places and the detail', () => {
    const places = [{ path: '/a', message: 'is wrong' }];
    expect(toProblem(new FirsthandError('INVALID_REQUEST', 'Detail.', places), 'r').problem).toMatchObject({ detail: 'Detail.', errors: places });
  });

  it('tells when to come back, for what passes', () => {
    expect(toProblem(new FirsthandError('UNAVAILABLE', undefined, [], { retryAfterSeconds: 7 }), 'r').retryAfterSeconds).toBe(7);
    expect(toProblem(new FirsthandError('UNAVAILABLE'), 'r').retryAfterSeconds).toBe(1);
    expect(toProblem(new FirsthandError('RATE_LIMITED'), 'r').retryAfterSeconds).toBe(1);
    expect(toProblem(new FirsthandError('NOT_FOUND'), 'r').retryAfterSeconds).toBeUndefined();
  });

  it.each<[unknown, ErrorCode]>([
    [new NotFoundException('Cannot GET /secret?email=ana@example.com'), 'NOT_FOUND'], [new BadRequestException('ana@example.com'), 'INVALID_REQUEST'], [new PayloadTooLargeException(), 'PAYLOAD_TOO_LARGE'],
    [new HttpException('x', 418), 'INVALID_REQUEST'], [Object.assign(new Error('FST ana@example.com'), { statusCode: 415 }), 'UNSUPPORTED_MEDIA_TYPE'], [Object.assign(new Error('x'), { status: 413 }), 'PAYLOAD_TOO_LARGE'],
    [new TypeError('ana@example.com is no function'), 'INTERNAL'], [Object.assign(new Error('ana@example.com'), { statusCode: 503 }), 'INTERNAL'], ['ana@example.com', 'INTERNAL'], [undefined, 'INTERNAL'], [{ statusCode: 404 }, 'INTERNAL'],
  ])('repeats nothing of an error that is not ours', (error, code) => {
    const { problem } = toProblem(error, 'r');
    expect(problem.code).toBe(code);
    expect(JSON.stringify(problem)).not.toContain('ana@');
  });
});
