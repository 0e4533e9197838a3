import { expectationSchema } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { ExpectationDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeExpectation, createExpectation } from '../expectations/expectations.js';
import type { Caller } from '../http/caller.js';
import type { ConfigurationDocument } from './configuration-documents.js';
import { readContent } from './read-stored.js';

/** Makes or changes an expectation as its document says. @throws FirsthandError `INVALID_EXPECTATION` */
export function writeExpectation(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument, stored: Configured<ExpectationDocument> | undefined): Promise<unknown> {
  const expectation = readContent(expectationSchema, content);
  return stored === undefined ? createExpectation(admin, caller, { id, ...expectation }) : changeExpectation(admin, caller, id, stored.version, expectation);
}
