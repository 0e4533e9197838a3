import type { SourceConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import type { FastifyRequest } from 'fastify';

/** Who sends: the source connection that the credentials belong to. */
export interface Caller {
  configuration: WorkspaceConfiguration;
  connection: SourceConnection;
  /** Whether the credentials prove the brand's own server. */
  isVerified: boolean;
  /** Of the write key that was sent. */
  writeKeyHash: string;
}

/** What a route takes as its body: one event, a batch of events (both parsed), or the stream as it comes. */
export type BodyKind = 'event' | 'batch' | 'stream';

declare module 'fastify' {
  interface FastifyContextConfig {
    body?: BodyKind;
  }
  interface FastifyRequest {
    /** Bytes of the body, inflated; set with a parsed body. */
    bodyBytes?: number;
    /** Set by the guard. */
    caller?: Caller;
  }
}

/** A request of the data plane that has passed the guard with a write key. */
export type CallerRequest = FastifyRequest & { caller: Caller };
