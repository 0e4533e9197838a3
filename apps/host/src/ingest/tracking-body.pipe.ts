import { StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { FirsthandError, type ErrorPlace } from '@firsthand/domain';
import { isTrackingCall } from './is-tracking-call.js';
import { TRACKING_CALLS, trackingCallSchemas } from './tracking-call.js';

type Issues = readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[];

const CALL_BY_SCHEMA = new Map<unknown, (body: unknown) => boolean>(TRACKING_CALLS.map((type) => [trackingCallSchemas[type], (body: unknown) => isTrackingCall(type, body)]));

/** Checks a body against the schema that its route declares, and names each place that does not fit. */
export class TrackingBodyPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues: Issues) => new FirsthandError('INVALID_REQUEST', undefined, issues.map(toPlace)) });
  }

  override transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const isCall = CALL_BY_SCHEMA.get(metadata.schema);
    // Nest waits for either.
    return isCall?.(value) === true ? (value as unknown as Promise<T>) : super.transform(value, metadata);
  }

  /** Nest walks through the whole body for this; ours is done while parsing. */
  protected override stripProtoKeys(): void {}
}

function toPlace({ message, path = [] }: Issues[number]): ErrorPlace {
  return { path: path.map((part) => `/${String(typeof part === 'object' ? part.key : part)}`).join(''), message };
}
