import { identityKey, namespaceOf } from './identity-key.js';
import { PersonSize, type IdentityLimits, type LimitBreach } from './identity-limits.js';

/** What the graph must know of a stored profile. */
export interface StoredProfile {
  /** Epoch ms. */
  createdAt: number;
  /** Whether it has an identity that is not a device. */
  isKnown: boolean;
  /** Whether a verified record named one of them. */
  isProven: boolean;
}

/** One person under construction: a set of identities and of stored profiles. */
interface Person {
  parent: number;
  /** The stored profile that wins a merge, if any is in the set. */
  profileId: string | undefined;
  /** Epoch ms; of `profileId`. */
  createdAt: number;
  /** The smallest identity key: names a person that has no stored profile yet, whatever the order of records. */
  label: string;
  isKnown: boolean;
  /** Where limits are asked for. */
  size?: PersonSize | undefined;
}

/** One merge: the loser's data belongs to the winner from now on. */
export interface ProfileMerge {
  winner: string;
  loser: string;
  /** Index of the record that caused it. */
  causeRecord: number;
}

/** An identity that was only claimed for one profile, and that verified records give to another. */
export interface MovedIdentity {
  identityKey: string;
  /** Final profile ids. */
  from: string;
  to: string;
  /** Index of the first record that named it. */
  causeRecord: number;
}

/** Union-find over the identities and profiles of one batch. The winner of a union is the oldest profile, then the smallest id. */
export class IdentityGraph {
  private readonly persons: Person[] = [];
  private readonly byKey = new Map<string, number>();
  private readonly byProfile = new Map<string, number>();
  private readonly causes = new Map<string, number>();
  private areClaimsOpen = false;

  constructor(
    private readonly known: ReadonlyMap<string, string>,
    private readonly profiles: ReadonlyMap<string, StoredProfile>,
    /** Stored identities that nothing has proven: they belong to nobody until {@link openClaims}. */
    private readonly claims: ReadonlySet<string>,
    private readonly limits?: IdentityLimits,
    /** Those of the claims that verified records name: they are counted where they end. */
    private readonly named: ReadonlySet<string> = new Set(),
  ) {}

  /** The person that an identity belongs to so far, or undefined when nobody has it. */
  owner(key: string): number | undefined {
    const node = this.byKey.get(key);
    if (node !== undefined) return this.root(node);
    const profileId = this.claims.has(key) && !this.areClaimsOpen ? undefined : this.known.get(key);
    return profileId === undefined ? undefined : this.claim(key, this.profileNode(profileId));
  }

  /** The owner of an identity; a new person when nobody has it. */
  ownerOrNew(key: string, isDevice: boolean): number {
    const owner = this.owner(key) ?? this.claim(key, this.add({ profileId: undefined, createdAt: Infinity, label: key, isKnown: !isDevice, size: this.sizeOfKey(key) }));
    // The key itself is proof, whatever the stored row says.
    if (!isDevice) this.personAt(owner).isKnown = true;
    return owner;
  }

  /** Gives an unowned identity to a person. */
  attach(key: string, isDevice: boolean, person: number): void {
    const root = this.root(person);
    this.claim(key, root);
    const entry = this.personAt(root);
    if (!isDevice) entry.isKnown = true;
    if (key < entry.label) entry.label = key;
    entry.size?.add(namespaceOf(key));
  }

  /** What stands against two persons being one; null for nothing, and where no limits are asked for. */
  breach(left: number, right: number): LimitBreach | null {
    const [a, b] = [this.root(left), this.root(right)];
    const [one, other] = [this.personAt(a).size, this.personAt(b).size];
    return a === b || one === undefined || other === undefined || this.limits === undefined ? null : one.breachWith(other, this.limits);
  }

  /** What stands against giving an unowned identity to a person. */
  breachOf(key: string, person: number): LimitBreach | null {
    const size = this.personAt(this.root(person)).size;
    if (size === undefined || this.limits === undefined) return null;
    const one = new PersonSize();
    one.add(namespaceOf(key));
    return size.breachWith(one, this.limits);
  }

  /**
   * Ends the part in which claims belong to nobody. One that no record named stays with its profile. A profile without any proof, of which
   * records named claims, goes with the first of these in the given order; claims that ended elsewhere have moved.
   *
   * @param named claims in an order that does not depend on the records', each with the first record that named it
   */
  openClaims(named: readonly { key: string; record: number }[]): void {
    this.areClaimsOpen = true;
    const joined = new Set<string>();
    for (const { key, record } of named) {
      const owner = this.known.get(key) as string;
      if (this.profiles.get(owner)?.isProven !== false || joined.has(owner)) continue;
      joined.add(owner);
      const [to, from] = [this.byKey.get(key) as number, this.profileNode(owner)];
      if (this.breach(to, from) === null) this.join(to, from, record);
    }
  }

  /** Of the claims that records named, those that ended with another person than the one who had them. Called at the end. */
  moved(named: readonly { key: string; record: number }[], newProfileId: () => string): MovedIdentity[] {
    return named.flatMap(({ key, record }) => {
      const from = this.profileNode(this.known.get(key) as string);
      const to = this.byKey.get(key) as number;
      return this.root(from) === this.root(to) || this.isNobody(to) ? [] : [{ identityKey: key, from: this.profileId(from, newProfileId), to: this.profileId(to, newProfileId), causeRecord: record }];
    });
  }

  /** Whether an identity that a record named ended with the person that a stored profile is part of. */
  isOf(key: string, profileId: string): boolean {
    const node = this.byKey.get(key);
    return node !== undefined && this.root(node) === this.root(this.profileNode(profileId));
  }

  /** Makes two persons one. */
  join(left: number, right: number, causeRecord: number): void {
    const a = this.root(left);
    const b = this.root(right);
    if (a === b) return;
    const [winner, loser] = this.compare(a, b) <= 0 ? [a, b] : [b, a];
    const kept = this.personAt(winner);
    const gone = this.personAt(loser);
    if (kept.profileId !== undefined && gone.profileId !== undefined) this.causes.set(gone.profileId, causeRecord);
    gone.parent = winner;
    kept.isKnown ||= gone.isKnown;
    if (gone.size !== undefined) kept.size?.unite(gone.size);
    if (gone.label < kept.label) kept.label = gone.label;
  }

  isKnown(person: number): boolean {
    return this.personAt(this.root(person)).isKnown;
  }

  /** Orders persons without regard to the order of records: older profile, smaller id, then smaller identity key. */
  compare(left: number, right: number): number {
    const a = this.personAt(this.root(left));
    const b = this.personAt(this.root(right));
    if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
    if (a.profileId !== b.profileId) return (a.profileId ?? '\uffff') < (b.profileId ?? '\uffff') ? -1 : 1;
    return a.label === b.label ? 0 : a.label < b.label ? -1 : 1;
  }

  root(node: number): number {
    let root = node;
    for (let parent = this.personAt(root).parent; parent !== root; parent = this.personAt(root).parent) root = parent;
    for (let next = node; next !== root; ) {
      const entry = this.personAt(next);
      next = entry.parent;
      entry.parent = root;
    }
    return root;
  }

  /** The profile id of a person, made with `newProfileId` on the first call for a person without one. */
  profileId(person: number, newProfileId: () => string): string {
    const entry = this.personAt(this.root(person));
    return (entry.profileId ??= newProfileId());
  }

  /** Whether no record ended with this person, once all records have theirs: what a limit left by itself stays with whom it belongs to, or nobody. */
  private isNobody(person: number): boolean {
    return this.personAt(this.root(person)).profileId === undefined;
  }

  /** Identities that no profile had before this batch, with their person. Asked for when every record has its profile. */
  *newKeys(): Generator<[key: string, person: number]> {
    for (const [key, node] of this.byKey) if (!this.known.has(key) && !this.isNobody(node)) yield [key, node];
  }

  /** Every merge of stored profiles, each with its final winner. */
  merges(): ProfileMerge[] {
    return [...this.causes].map(([loser, causeRecord]) => ({ winner: this.personAt(this.root(this.profileNode(loser))).profileId ?? loser, loser, causeRecord }));
  }

  private profileNode(profileId: string): number {
    const node = this.byProfile.get(profileId);
    if (node !== undefined) return node;
    // A profile that the caller did not load counts as a known person: the side that joins less.
    const stored = this.profiles.get(profileId) ?? { createdAt: Number.MAX_SAFE_INTEGER, isKnown: true, isProven: true };
    const added = this.add({ profileId, createdAt: stored.createdAt, label: '\uffff', isKnown: stored.isKnown, size: this.sizeOf(profileId) });
    this.byProfile.set(profileId, added);
    return added;
  }

  private sizeOf(profileId: string): PersonSize | undefined {
    if (this.limits === undefined) return undefined;
    const identities = this.limits.identitiesOf(profileId).filter(({ namespace, value }) => !this.named.has(identityKey({ namespace, value })));
    return new PersonSize({ identities, merges: this.limits.mergesOf(profileId) });
  }

  private sizeOfKey(key: string): PersonSize | undefined {
    if (this.limits === undefined) return undefined;
    const size = new PersonSize();
    size.add(namespaceOf(key));
    return size;
  }

  private claim(key: string, node: number): number {
    this.byKey.set(key, node);
    return this.root(node);
  }

  private add(person: Omit<Person, 'parent'>): number {
    this.persons.push({ ...person, parent: this.persons.length });
    return this.persons.length - 1;
  }

  private personAt(node: number): Person {
    return this.persons[node] as Person;
  }
}
