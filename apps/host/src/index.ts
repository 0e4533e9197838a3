export { createHost, type Host, type HostOptions } from './boot/create-host.js';
export type { HostPlugins } from './boot/load-host-plugins.js';
export * from './configuration/documents.js';
