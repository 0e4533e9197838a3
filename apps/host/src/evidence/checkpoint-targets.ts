import { open } from 'node:fs/promises';
import { FirsthandError } from '@firsthand/domain';
import type { HttpClient } from '@firsthand/plugin-sdk';

/** Where checkpoints go: a place that who writes to the database cannot write to. */
export interface CheckpointTarget {
  /** Resolves when it is there for good. */
  keep(jws: string): Promise<void>;
}

const WEBHOOK_TIMEOUT_MS = 5_000;

/** A file, one JWS a line, only ever appended. */
export function checkpointFile(path: string): CheckpointTarget {
  return {
    async keep(jws) {
      const file = await open(path, 'a', 0o600);
      try {
        await file.write(`${jws}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}

/** An address that takes `{ "jws": "…" }` by POST and answers 2xx when it has kept it. */
export function checkpointWebhook(url: string, http: HttpClient): CheckpointTarget {
  return {
    async keep(jws) {
      const { status } = await http.request({ method: 'POST', url, json: { jws }, timeoutMs: WEBHOOK_TIMEOUT_MS });
      if (status < 200 || status > 299) throw new FirsthandError('UNAVAILABLE', 'The webhook for checkpoints did not take one.');
    },
  };
}
