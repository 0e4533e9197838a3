import { appendFileSync } from 'node:fs';

/** Notes a figure of this run for the summary of `npm run test:faults`. Figures are told, never asserted on: what is promised has its own expectation. */
export function noteMeasured(name: string, value: number): void {
  const file = process.env.FIRSTHAND_FAULTS_REPORT;
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify({ name, value })}\n`);
}
