import { FirsthandError } from '@firsthand/domain';
import { storedConfiguration, type ConfigurationKind, type ConfigurationPage, type ConfigurationRepository, type Configured } from '@firsthand/persistence';
import { findConfigured } from '../find-configured.js';

/** One thing of the configuration that would be another one. */
export interface WouldWrite {
  kind: ConfigurationKind;
  id: string;
  change: 'created' | 'updated' | 'deleted';
  /** As it would be; null once deleted. */
  row: Configured | null;
}

/** A repository whose writes go nowhere, and what they would have been. */
export interface OverlayRepository {
  repository: ConfigurationRepository;
  written(): WouldWrite[];
}

/**
 * Lays a repository over another one that is read only: a write does every check of a real one and is seen by later reads through the overlay
 * alone. For the length of one dry run.
 *
 * @example const { repository, written } = overlayRepository(real);
 */
export function overlayRepository(real: ConfigurationRepository): OverlayRepository {
  const changes = new Map<string, WouldWrite & { workspaceId: string }>();
  const find = async <T>(kind: ConfigurationKind, workspaceId: string, id: string): Promise<Configured<T>> => {
    const change = changes.get(keyOf(kind, workspaceId, id));
    if (change === undefined) return real.get<T>(kind, workspaceId, id);
    if (change.row === null) throw new FirsthandError('NOT_FOUND');
    return change.row as Configured<T>;
  };
  const exists = async (kind: ConfigurationKind, workspaceId: string, id: string): Promise<boolean> => (await findConfigured({ get: find }, kind, workspaceId, id)) !== undefined;
  const note = <T>(kind: ConfigurationKind, change: WouldWrite['change'], workspaceId: string, id: string, row: Configured<T> | null): void => {
    if (row !== null) storedConfiguration(row);
    const isNew = changes.get(keyOf(kind, workspaceId, id))?.change === 'created';
    changes.set(keyOf(kind, workspaceId, id), { kind, id, workspaceId, change: isNew && change === 'updated' ? 'created' : change, row });
  };
  const expectVersion = ({ version }: Configured, ifMatch: number): void => {
    if (version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${version}.`);
  };

  const repository: ConfigurationRepository = {
    async list<T>(kind: ConfigurationKind, workspaceId: string, page: ConfigurationPage = {}) {
      const rows = await real.list<T>(kind, workspaceId, page);
      const changed = [...changes.values()].filter((change) => change.kind === kind && change.workspaceId === workspaceId);
      const untouched = rows.filter(({ id }) => !changed.some((change) => change.id === id));
      // What a dry run reads are whole lists and look-ups: a page that begins in the middle shows what is stored.
      const ofOverlay = page.after === undefined ? changed.flatMap(({ row }) => (row !== null && fits(row, page.where) ? [row as Configured<T>] : [])) : [];
      return [...untouched, ...ofOverlay].sort((one, other) => (one.id < other.id ? -1 : 1) * (page.order === 'descending' ? -1 : 1));
    },
    get: find,
    async create<T extends object>(kind: ConfigurationKind, workspaceId: string, id: string, content: T, at: number) {
      if (await exists(kind, workspaceId, id)) throw new FirsthandError('CONFLICT', 'This id is taken.');
      const row = { id, workspaceId, version: 1, createdAt: at, updatedAt: at, content };
      note(kind, 'created', workspaceId, id, row);
      return row;
    },
    async update<T extends object>(kind: ConfigurationKind, workspaceId: string, id: string, ifMatchVersion: number, content: T, at: number) {
      const current = await find<T>(kind, workspaceId, id);
      expectVersion(current, ifMatchVersion);
      const row = { ...current, version: current.version + 1, updatedAt: at, content };
      note(kind, 'updated', workspaceId, id, row);
      return row;
    },
    async put<T extends object>(kind: ConfigurationKind, workspaceId: string, id: string, content: T, at: number) {
      if (!(await exists(kind, workspaceId, id))) return repository.create<T>(kind, workspaceId, id, content, at);
      return repository.update<T>(kind, workspaceId, id, (await find(kind, workspaceId, id)).version, content, at);
    },
    async delete(kind, workspaceId, id, ifMatchVersion) {
      expectVersion(await find(kind, workspaceId, id), ifMatchVersion);
      note(kind, 'deleted', workspaceId, id, null);
    },
    readVersions: () => real.readVersions(),
    readAll: (workspaceId) => real.readAll(workspaceId),
    transaction: (work) => work(repository, undefined),
  };
  return { repository, written: () => [...changes.values()].map(({ workspaceId: _, ...change }) => change) };
}

function keyOf(...parts: string[]): string {
  return JSON.stringify(parts);
}

function fits({ content }: Configured, where: ConfigurationPage['where'] = {}): boolean {
  const at = (path: string): unknown => path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined), content);
  return Object.entries(where).every(([path, value]) => (at(path) ?? null) === value);
}
