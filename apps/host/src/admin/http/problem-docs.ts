import { ERROR_TABLE, type ErrorCode } from '@firsthand/domain';
import type { Problem } from '../../boot/problem.js';

const text = { type: 'string' };

/** The OpenAPI schema of {@link Problem}. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'wayOut', 'requestId'],
  properties: {
    type: text, title: text, status: { type: 'integer' }, detail: text,
    code: { type: 'string', description: 'Stable; see docs/errors.md.' },
    wayOut: { type: 'string', description: 'What to do about it.' },
    errors: { type: 'array', items: { type: 'object', required: ['path', 'message'], properties: { path: text, message: text } } },
    requestId: text,
  },
};

/** A problem as it looks. */
export function problemExample(code: ErrorCode): Problem {
  const { status, title, wayOut } = ERROR_TABLE[code];
  return { type: `urn:firsthand:error:${code}`, title, status, code, wayOut, requestId: '2f6f0f0a-6a3c-4f1e-9a53-0f2e9a7d1c11' };
}
