import { createDecipheriv } from 'node:crypto';
import { InvalidSignature, isSameText } from '@firsthand/plugin-sdk';

const BLOCK = 32;
const RANDOM = 16;
const LENGTH = 4;

/**
 * Decrypts a message of the security mode: AES-256-CBC, the IV being the key's first half, padded (PKCS #7) to 32 bytes. Inside stand 16 random
 * bytes, the length of the message (4 bytes, big endian), the message, and the AppID it is meant for.
 *
 * @throws InvalidSignature when the key does not fit, or the message is damaged or meant for another AppID.
 */
export function decryptPush(encrypted: string, encodingAesKey: string, appId: string): Uint8Array {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const ciphertext = Buffer.from(encrypted, 'base64');
  if (key.length !== 32 || ciphertext.length === 0 || ciphertext.length % 16 !== 0) throw damaged();
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = unpad(Buffer.concat([decipher.update(ciphertext), decipher.final()]));

  const start = RANDOM + LENGTH;
  if (plain.length < start) throw damaged();
  const end = start + plain.readUInt32BE(RANDOM);
  if (end > plain.length) throw damaged();
  if (!isSameText(plain.toString('utf8', end), appId)) throw new InvalidSignature('The message is meant for another AppID.');
  return plain.subarray(start, end);
}

function unpad(padded: Buffer): Buffer {
  const size = padded.at(-1) ?? 0;
  const end = padded.length - size;
  if (size < 1 || size > BLOCK || end < 0 || padded.subarray(end).some((byte) => byte !== size)) throw damaged();
  return padded.subarray(0, end);
}

function damaged(): InvalidSignature {
  return new InvalidSignature('The message cannot be decrypted.');
}
