import { StandardSchemaValidationPipe } from '@nestjs/common';
import { FirsthandError, type ErrorPlace } from '@firsthand/domain';

type Issues = readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[];

/** Checks a body against the schema that its route declares, and names each place that does not fit. */
export class TrackingBodyPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues: Issues) => new FirsthandError('INVALID_REQUEST', undefined, issues.map(toPlace)) });
  }

  /** Nest walks through the whole body for this; ours is done while parsing. */
  protected override stripProtoKeys(): void {}
}

function toPlace({ message, path = [] }: Issues[number]): ErrorPlace {
  return { path: path.map((part) => `/${String(typeof part === 'object' ? part.key : part)}`).join(''), message };
}
