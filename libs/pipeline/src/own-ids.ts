import type { Identity, IdentityRules, JsonObject } from '@firsthand/domain';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import type { DestinationConnection, OwnIds, SourceConnection, WorkspaceConfiguration } from './ports/configuration.js';

/**
 * Of which ids of people an account has given them out, by all that its plugin can write to it: undefined where it gives out none.
 *
 * @example ownIdsOf(plugin.destinations, settings)?.crmId?.('hubspot:62515:512') // true
 */
export function ownIdsOf(destinations: Readonly<Record<string, Pick<DestinationDefinition, 'ownIds'>>> = {}, settings: JsonObject): OwnIds | undefined {
  const given = Object.values(destinations).flatMap((one): OwnIds[] => (one.ownIds === undefined ? [] : [one.ownIds(settings as never)]));
  if (given.length === 0) return undefined;
  const namespaces = given.flatMap((own) => Object.keys(own));
  return Object.fromEntries(namespaces.map((namespace) => [namespace, (id: string) => given.some((own) => Object.hasOwn(own, namespace) && own[namespace]?.(id) === true)]));
}

/** The id in an identity, without the scope of its source, if these ids are what it is one of; null for an id of somebody else, and undefined in a namespace in which the system gives out none. */
export function ownIdIn(ownIds: OwnIds, { namespace, value }: Identity, scopeOfSource: string | undefined): string | null | undefined {
  const isOwn = Object.hasOwn(ownIds, namespace) ? ownIds[namespace] : undefined;
  if (isOwn === undefined) return undefined;
  const scope = `${scopeOfSource ?? ''}:`;
  const id = scope !== ':' && value.startsWith(scope) ? value.slice(scope.length) : value;
  return isOwn(id) ? id : null;
}

/** Tells whether an identity is one that the account of a source has given out; undefined where that gives out none. */
export function ownIdsOfSource(source: Pick<SourceConnection, 'connectionId' | 'ownIds'> | undefined, rules: Pick<IdentityRules, 'scopeOf'> | undefined): ((identity: Identity) => boolean) | undefined {
  return source === undefined ? undefined : isOwnIdBy(source.ownIds, source.connectionId, rules);
}

/** Tells whether an identity is one that the account of a destination has given out; undefined where that gives out none. */
export function ownIdsOfDestination({ connectionId, destinations, settings }: Pick<DestinationConnection, 'connectionId' | 'destinations' | 'settings'>, rules: Pick<IdentityRules, 'scopeOf'> | undefined): ((identity: Identity) => boolean) | undefined {
  return isOwnIdBy(ownIdsOf(destinations, settings), connectionId, rules);
}

/** The accounts of a workspace, each by what tells the ids that it has given out: one may be there by several connections. */
export function accountsOf({ sources, destinations, identityRules }: Pick<WorkspaceConfiguration, 'sources' | 'destinations' | 'identityRules'>): ((identity: Identity) => boolean)[] {
  return [...[...destinations.values()].flatMap((one) => ownIdsOfDestination(one, identityRules) ?? []), ...[...sources.values()].flatMap((one) => ownIdsOfSource(one, identityRules) ?? [])];
}

function isOwnIdBy(ownIds: OwnIds | undefined, connectionId: string, rules: Pick<IdentityRules, 'scopeOf'> | undefined): ((identity: Identity) => boolean) | undefined {
  return ownIds === undefined ? undefined : (identity) => typeof ownIdIn(ownIds, identity, rules?.scopeOf(connectionId, identity.namespace)) === 'string';
}
