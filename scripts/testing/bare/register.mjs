import { register } from 'node:module';

/** `node --import …/register.mjs`: this process, and those that it forks with the same options, can import the TypeScript sources of this checkout. */
register('./loader.mjs', import.meta.url);
