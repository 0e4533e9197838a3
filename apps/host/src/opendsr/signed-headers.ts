import type { BodySigner } from '@firsthand/access';

/** The headers by which an answer or callback is known to be ours (OpenDSR 2.0, sections 8.3 and 8.6). */
export function signedHeaders({ domain, sign }: BodySigner, body: string): Record<string, string> {
  return { 'X-OpenDSR-Processor-Domain': domain, 'X-OpenDSR-Signature': sign(body) };
}
