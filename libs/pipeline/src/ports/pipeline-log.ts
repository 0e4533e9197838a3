/** A warning without personal data. */
export interface PipelineLog {
  warn(fields: Record<string, string | number>, message: string): void;
}
