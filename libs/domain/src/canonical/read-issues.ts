/** What was found while a record's fields were read: collected as flags, never thrown. */
export class ReadIssues {
  readonly flags: string[] = [];
  private hasUnknown = false;

  /** `defaultCountry`: ISO 3166-1 alpha-2, for national phone numbers. */
  constructor(readonly defaultCountry?: string) {}

  /** A value that does not fit its field and is dropped. */
  invalid(path: string): void {
    this.add(`field-invalid:${path}`);
  }

  /** A field that the dictionary does not have. One flag for all of them: their names may be anything. */
  unknown(): void {
    if (this.hasUnknown) return;
    this.hasUnknown = true;
    this.flags.push('unknown-fields');
  }

  add(flag: string): void {
    if (!this.flags.includes(flag)) this.flags.push(flag);
  }
}
