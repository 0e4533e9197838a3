export * from './create-poll.js';
