import { FirsthandError } from '@firsthand/domain';

/** Collects what is wrong with a plugin, in words its author can act on. */
export class FaultList {
  readonly faults: string[] = [];

  /** Notes a fault unless the rule holds. Gives whether it holds. */
  must(holds: boolean, fault: string): boolean {
    if (!holds) this.faults.push(fault);
    return holds;
  }

  /** Runs a check that throws; what it throws on purpose is a fault. */
  mustNotThrow(place: string, check: () => unknown): void {
    try {
      check();
    } catch (error) {
      this.faults.push(`${place}: ${error instanceof FirsthandError ? error.message : 'it cannot be read'}`);
    }
  }
}

/** An object as an unknown module gives it. */
export type Loose = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
