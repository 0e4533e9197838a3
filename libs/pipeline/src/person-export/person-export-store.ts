/** A file for a machine, and one for people to read and print. */
export const EXPORT_FORMATS = ['json', 'html'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** One finished file. */
export interface ExportedFile {
  format: ExportFormat;
  /** Of the text, unpacked. */
  bytes: number;
  /** Of the text, hex. */
  sha256: string;
  /** Of the claim that it was written under. */
  fence: number;
  /** Until when a download under way keeps it from others; 0 for none. Epoch ms. */
  takenUntil: number;
  /** When it was fetched, and is gone; null before. Epoch ms. */
  fetchedAt: number | null;
}

/** A copy of everything about one person, from when it was asked for until its files are gone. The files lie apart, as chunks. */
export interface PersonExportRow {
  /** `workspaceId|id`; of a privacy request the same for the same request. */
  exportId: string;
  workspaceId: string;
  /** As known when it was asked for; a later merge leads on. */
  profileId: string;
  /** The privacy request that it answers; null for one that staff asked for. */
  requestId: string | null;
  /** BCP 47: of the page that people read. */
  language: string;
  createdAt: number;
  /** `failed` after the last try: it can be asked for again. */
  state: 'pending' | 'ready' | 'failed';
  /** When a worker goes on with it, epoch ms; null when there is nothing left to do. */
  dueAt: number | null;
  /** Grows with each worker that takes it: what an earlier one writes counts no more. */
  fence: number;
  attempt: number;
  files: ExportedFile[];
  /** SHA-256 of the secret of the link that opens the files; null without one. A new link ends the former. */
  linkHash: string | null;
  /** When the person was told of it, epoch ms; null where they were not. */
  noticedAt: number | null;
  /** When all of it is deleted, epoch ms. */
  expiresAt: number;
}

/** What a worker writes under. */
export type ExportClaim = Pick<PersonExportRow, 'exportId' | 'workspaceId' | 'profileId' | 'fence' | 'expiresAt'>;

/** One file that somebody wants. */
export interface ExportFilePlace {
  workspaceId: string;
  exportId: string;
  /** Of the link that opens it; null where the person has shown otherwise who they are. */
  linkHash: string | null;
  format: ExportFormat;
}

/** Copies of people's data, and their files. Every write of a worker throws {@link FenceLost} once the row is another's or erased. */
export interface PersonExportStore {
  /** Inserts, or gives what is there under the id; one that failed begins anew. */
  order(row: PersonExportRow): Promise<PersonExportRow>;
  find(workspaceId: string, exportId: string): Promise<PersonExportRow | undefined>;
  /** Those of some profiles whose time is not over, the newest first. */
  list(of: { workspaceId: string; profileIds: readonly string[]; now: number; limit: number }): Promise<PersonExportRow[]>;
  /** Takes the one that has been due the longest, with a higher fence and one more attempt. */
  take(now: number, until: number): Promise<PersonExportRow | null>;
  /** Writes a file under the claim, packed and in chunks, never all of it in memory; prolongs the claim with each chunk. */
  writeFile(claim: ExportClaim, format: ExportFormat, texts: AsyncIterable<string>, until: () => number): Promise<Pick<ExportedFile, 'bytes' | 'sha256'>>;
  /** Ends what the worker does; with the state `ready` the chunks of earlier claims are dropped. */
  settle(claim: ExportClaim, change: Partial<Pick<PersonExportRow, 'state' | 'dueAt' | 'attempt' | 'files' | 'linkHash' | 'noticedAt'>>): Promise<void>;
  /** Sets the link of a finished one; false when there is none to open. */
  setLink(workspaceId: string, exportId: string, linkHash: string): Promise<boolean>;
  /** Takes one file for a download: null when it was fetched, is being fetched, is over, or the link is another. */
  takeFile(place: ExportFilePlace, now: number, until: number): Promise<PersonExportRow | null>;
  /** The text of a file, unpacked, piece by piece. */
  readFile(exportId: string, file: Pick<ExportedFile, 'format' | 'fence'>): AsyncIterable<Uint8Array>;
  /** Gives a file back after a download that broke off, or deletes it after one that did not. */
  releaseFile(workspaceId: string, exportId: string, file: Pick<ExportedFile, 'format' | 'fence'>, fetchedAt: number | null): Promise<void>;
}
