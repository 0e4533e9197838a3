import { FirsthandError } from '@firsthand/domain';
import mongoose from 'mongoose';
import { isLostRace, storeFailure } from './store-failure.js';

const { MongoBulkWriteError, MongoNetworkError, MongoServerError } = mongoose.mongo;
const duplicate = new MongoServerError({ message: 'E11000 dup key: { _id: "acme|email|ana@example.com" }', code: 11000 });

describe('storeFailure', () => {
  it.each([
    ['a lost connection', new MongoNetworkError('10.0.0.1 gone'), 'UNAVAILABLE'],
    ['a lost connection inside a bulk write', new MongoBulkWriteError(new MongoNetworkError('gone') as never, {} as never), 'UNAVAILABLE'],
    ['a broken socket', Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' }), 'UNAVAILABLE'],
    ['a primary that stepped down', new MongoServerError({ message: 'not primary', code: 10107 }), 'UNAVAILABLE'],
    ['a duplicate key', duplicate, 'CONFLICT'],
    ['a document that MongoDB refuses', new MongoServerError({ message: 'ana@example.com is wrong', code: 121 }), 'INTERNAL'],
    ['a value that BSON cannot hold', new mongoose.mongo.BSON.BSONError('key ana\0 must not contain null bytes'), 'INTERNAL'],
  ])('%s: %#', (_, error, code) => {
    const failure = storeFailure(error) as FirsthandError;
    expect(failure).toBeInstanceOf(FirsthandError);
    expect(failure.code).toBe(code);
    expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)}`).not.toContain('ana');
    expect(failure.cause).toBeUndefined();
  });

  it('lets through what is not the driver\'s', () => {
    const own = new FirsthandError('NOT_FOUND');
    const foreign = new RangeError();
    expect([storeFailure(own), storeFailure(foreign), storeFailure('text')]).toEqual([own, foreign, 'text']);
  });
});

describe('isLostRace', () => {
  it('is a duplicate key, a write conflict, or what the server calls transient', () => {
    const transient = new MongoServerError({ message: '', code: 251, errorLabels: ['TransientTransactionError'] });
    expect([duplicate, new MongoServerError({ message: '', code: 112 }), transient].map(isLostRace)).toEqual([true, true, true]);
    expect([new MongoServerError({ message: '', code: 121 }), new RangeError(), null].map(isLostRace)).toEqual([false, false, false]);
  });
});
