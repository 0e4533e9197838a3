/**
 * Keeps what was compiled for one workspace from one rebuild to the next, so that a changed segment does not compile every mapping again.
 * An entry that a rebuild does not ask for is dropped at its end.
 */
export class CompileCache {
  private kept = new Map<string, { stamp: string; value: unknown }>();
  private next = new Map<string, { stamp: string; value: unknown }>();

  /** What was made under this key with this stamp; else it is made now. `make` must depend on nothing that is not in the stamp. */
  reuse<T>(key: string, stamp: string, make: () => T): T {
    const known = this.kept.get(key);
    const entry = known?.stamp === stamp ? known : { stamp, value: make() };
    this.next.set(key, entry);
    return entry.value as T;
  }

  finish(): void {
    this.kept = this.next;
    this.next = new Map();
  }
}
