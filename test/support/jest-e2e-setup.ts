import { jest } from '@jest/globals';

// A whole host on real servers starts within seconds, but two busy cores can stretch that far.
jest.setTimeout(120_000);

if (!process.env.MONGODB_URI || !process.env.REDIS_URL) {
  throw new Error('These specs need real servers. Run them with: npm test -- <path of the spec>');
}
