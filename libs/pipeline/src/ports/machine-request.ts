/** Where one address stands with being told how a request goes. */
export interface RequestCallback {
  url: string;
  /** How many of the changes of status it was told, or will not be told any more. */
  told: number;
  /** How many of these it did not take for a whole day. */
  missed: number;
  /** Tries at the next one. */
  attempt: number;
  /** When the first of them was, epoch ms; null before. */
  since: number | null;
  /** When the next is, epoch ms; null for as soon as there is something to tell. */
  dueAt: number | null;
}

/** Of a request that came over OpenDSR: whose it is, and who is told of it. */
export interface MachineRequest {
  /** The API key or account that handed it in. */
  controllerId: string;
  /** What the machine calls it. */
  subjectRequestId: string;
  /** Keyed digest of what it asked: a repeat is known by it, and nobody is found by it. */
  bodyDigest: string;
  callbacks: RequestCallback[];
  /** When a worker looks whether there is something to tell, epoch ms; null for nothing. Every change of status sets it. */
  dueAt: number | null;
}
