import { createDecipheriv } from 'node:crypto';
import { InvalidSignature, MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';

/**
 * Decrypts what `wx.getUserInfo` or the phone number button gives a mini-program: AES-128-CBC with the session key (all three base64).
 * Gives the data as WeChat names it (`openId`, `unionId`, `phoneNumber`, …) with its `watermark`.
 *
 * @throws MalformedBody when it cannot be decrypted: mostly, the session key is of another login.
 * @throws InvalidSignature when the watermark names another AppID.
 * @example decryptUserData(session.session_key, iv, encryptedData, 'wx4f4bc4dec97d474b').purePhoneNumber
 */
export function decryptUserData(sessionKey: string, iv: string, encryptedData: string, appId: string): JsonObject {
  const data = decrypt(Buffer.from(sessionKey, 'base64'), Buffer.from(iv, 'base64'), Buffer.from(encryptedData, 'base64'));
  const { watermark } = data;
  const isOurs = watermark !== null && typeof watermark === 'object' && !Array.isArray(watermark) && watermark.appid === appId;
  if (!isOurs) throw new InvalidSignature('The data is of another mini-program.');
  return data;
}

function decrypt(key: Buffer, iv: Buffer, ciphertext: Buffer): JsonObject {
  if (key.length !== 16 || iv.length !== 16) throw new MalformedBody('The session key or the IV is not 16 bytes.');
  const decipher = createDecipheriv('aes-128-cbc', key, iv);
  let data: JsonValue;
  try {
    data = JSON.parse(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')) as JsonValue;
  } catch {
    throw new MalformedBody('The encrypted data cannot be read.');
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data)) throw new MalformedBody('The encrypted data is no object.');
  return data;
}
