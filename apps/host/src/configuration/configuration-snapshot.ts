import type { WriteKeyKind } from '@firsthand/access';
import type { ConfigurationSource } from '@firsthand/pipeline';

/** Which connection a write key opens, and how far its word counts. */
export interface WriteKeyOwner {
  workspaceId: string;
  connectionId: string;
  kind: WriteKeyKind;
}

/** Something of the configuration that was left out because it does not compile. Holds no settings and no personal data. */
export interface ConfigurationProblem {
  workspaceId: string;
  kind: string;
  id: string;
  code: string;
  message: string;
}

/**
 * The configuration of every workspace as this process knows it, at most 1 s old. Older, every look-up throws FirsthandError UNAVAILABLE:
 * a consent rule or a paused connection that we have not heard of must not be passed over.
 */
export interface ConfigurationSnapshot extends ConfigurationSource {
  /** By the hash of a write key, see `hashWriteKey`. */
  writeKeyOwner(hash: string): WriteKeyOwner | undefined;
  /** The workspaces that have a connection of this id, whose is the oldest first. */
  workspacesWith(connectionId: string): readonly string[];
  workspaceIds(): string[];
  problems(): readonly ConfigurationProblem[];
  /** Milliseconds since it was last known to be current; Infinity before the first time. */
  ageMs(): number;
  /** Calls back after every change; also at once when there is something. Gives the end of it. */
  onChange(listener: () => void): () => void;
  /** Reads what has changed now, not at the next poll. */
  refresh(): Promise<void>;
}
