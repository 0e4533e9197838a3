import { FirsthandError } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { ConfigurationProblem } from './configuration-snapshot.js';

/** Collects what had to be left out of a workspace's configuration. */
export class ProblemList {
  readonly problems: ConfigurationProblem[] = [];

  constructor(private readonly workspaceId: string) {}

  add(kind: string, id: string, error: FirsthandError): void {
    this.problems.push({ workspaceId: this.workspaceId, kind, id, code: error.code, message: error.message });
  }

  /** Gives what `make` gives, or notes why there is nothing. An error that was not thrown on purpose passes: that is a bug, not a problem of the configuration. */
  attempt<T>(kind: string, id: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof FirsthandError)) throw error;
      this.add(kind, id, error);
      return undefined;
    }
  }

  /** Reads the content of rows; a row that does not fit is left out and noted, by its paths only. */
  read<T>(kind: string, rows: readonly Configured[], schema: z.ZodType<T>): { id: string; version: number; content: T }[] {
    return rows.flatMap(({ id, version, content }) => {
      const result = schema.safeParse(content);
      if (result.success) return [{ id, version, content: result.data }];
      const paths = result.error.issues.map((issue) => `/${issue.path.map(String).join('/')}`);
      this.add(kind, id, new FirsthandError('INVALID_REQUEST', `The stored row cannot be read: ${paths.join(', ')}`));
      return [];
    });
  }
}
