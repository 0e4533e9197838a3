import { createCipheriv } from 'node:crypto';
import { InvalidSignature, MalformedBody } from '@firsthand/plugin-sdk';
import { userDataVector } from '../fixtures/user-data-vector.js';
import { decryptUserData } from './decrypt-user-data.js';

const { appId, sessionKey, iv, encryptedData, openId, unionId } = userDataVector;

function encrypt(text: string): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), Buffer.from(iv, 'base64'));
  return Buffer.concat([cipher.update(text), cipher.final()]).toString('base64');
}

describe('decryptUserData', () => {
  it("reads Tencent's own sample", () => {
    expect(decryptUserData(sessionKey, iv, encryptedData, appId)).toMatchObject({ openId, unionId, watermark: { appid: appId, timestamp: 1477314187 } });
  });

  it('refuses data of another mini-program, or of none', () => {
    expect(() => decryptUserData(sessionKey, iv, encryptedData, 'wx0000000000000000')).toThrow(InvalidSignature);
    expect(() => decryptUserData(sessionKey, iv, encrypt('{"openId":"o"}'), appId)).toThrow(InvalidSignature);
    expect(() => decryptUserData(sessionKey, iv, encrypt('{"watermark":["appid"]}'), appId)).toThrow(InvalidSignature);
  });

  it.each([
    ['the key of another login', 'AAAAAAAAAAAAAAAAAAAAAA==', iv, encryptedData],
    ['a short key', 'AAAA', iv, encryptedData],
    ['a short IV', sessionKey, 'AAAA', encryptedData],
    ['cut off data', sessionKey, iv, encryptedData.slice(0, 100)],
    ['no data', sessionKey, iv, ''],
    ['data that is no JSON', sessionKey, iv, encrypt('hello')],
    ['data that is no object', sessionKey, iv, encrypt('[1]')],
  ])('refuses %s', (_, key, vector, data) => {
    expect(() => decryptUserData(key, vector, data, appId)).toThrow(MalformedBody);
  });
});
