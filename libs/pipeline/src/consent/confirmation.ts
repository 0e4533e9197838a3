import type { ConsentRecord } from '@firsthand/domain';

/** How long a link confirms, epoch ms after the last new act. */
export const CONFIRMATION_LIFETIME_MS = 7 * 86_400_000;
/** How long it is remembered who was asked: what a tool repeats in that time asks nobody again. */
export const CONFIRMATION_MEMORY_MS = 90 * 86_400_000;
/** Messages to one contact within the lifetime of a link, whoever asks. */
export const MOST_PER_CONTACT = 3;
/** Messages that one source can bring about within an hour. What is more goes later. */
export const MOST_PER_SOURCE = 1_000;
export const SOURCE_WINDOW_MS = 60 * 60_000;

/** A grant that waits: what somebody agreed to in the name of a contact, and what they were shown. */
export interface ConfirmationAsk extends Pick<ConsentRecord, 'purpose' | 'recipients' | 'agreementId' | 'agreementVersion' | 'textHash' | 'servedNotice'> {
  /** The record of the ledger that waits. It alone says who asked, so that nobody's device is kept here for longer than there. */
  recordId: string;
  connectionId: string;
  /** Epoch ms. */
  decidedAt: number;
  /** False once it was confirmed or cannot be any more. */
  isOpen: boolean;
}

/** What one contact is asked to confirm: one row per contact, so that nobody is asked twice at once, whoever types in their address. */
export interface ConfirmationRow {
  /** `workspaceId|namespace|value`. */
  confirmationId: string;
  workspaceId: string;
  /** `namespace|value`. */
  identityKey: string;
  asks: ConfirmationAsk[];
  /** What the link carries; empty when none opens. */
  nonce: string;
  /** BCP 47. */
  language: string;
  /** The source that asked last. */
  connectionId: string;
  /** When the message is sent, epoch ms; null when none is to be. */
  dueAt: number | null;
  /** When messages were begun to be sent, within the lifetime. */
  sentAt: number[];
  /** Until when the link confirms, epoch ms. */
  expiresAt: number;
  /** When the row is deleted, epoch ms. */
  forgetAt: number;
}

/** The key of a contact's row. */
export function confirmationIdOf(workspaceId: string, key: string): string {
  return `${workspaceId}|${key}`;
}
