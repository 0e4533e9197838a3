import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigner, type Signer } from '@firsthand/access';
import { sealConsent, type ConsentRecord } from '@firsthand/domain';
import type { StoredEvidence } from '@firsthand/persistence';
import { blockHash, CONSENT_CHAIN, createSealer, GENESIS_HASH, readBlock } from '@firsthand/pipeline';
import { checkpointFile } from '../../apps/host/src/evidence/checkpoint-targets.js';
import { createCheckpoints, type Checkpoints } from '../../apps/host/src/evidence/create-checkpoints.js';
import { verifyCommand } from '../../apps/host/src/evidence/verify-command.js';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

const LANE = `${WORKSPACE}|${SINK}`;
const LEDGER = `${WORKSPACE}|${CONSENT_CHAIN}`;
let world: World;
let folder: string;
let file: string;
let signer: Signer;
let checkpoints: Checkpoints;
let told: string;

beforeAll(async () => {
  world = await createWorld();
  folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  file = join(folder, 'checkpoints.jsonl');
  signer = await createSigner(randomBytes(32));
  checkpoints = createCheckpoints({ collections: world.store.collections, signer, targets: [checkpointFile(file)], issuer: 'https://data.example.com', clock: () => world.clock.now });
  const seal = createSealer({ store: world.store.store, clock: () => world.clock.now, holder: randomUUID() });
  await decide(world, 'granted');
  await world.track([identify(world, 'm1', 'u1', { email: 'ana@example.com' })], { isVerified: true });
  await world.settle();
  await seal.tick();
  for (const id of ['m2', 'm3', 'm4']) {
    await world.track([event(world, id)]);
    await world.settle();
  }
  await checkpoints.tick();
  await decide(world, 'withdrawn');
  await seal.tick();
  await world.track([event(world, 'm5')]);
  await world.settle();
  await checkpoints.tick();
  told = await readFile(file, 'utf8');
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

async function verify({ withCheckpoints = true } = {}): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await verifyCommand({
    mongodbUri: process.env.MONGODB_URI as string, database: world.store.connection.name, checkpointFile: withCheckpoints ? file : undefined, jwks: signer.jwks, print: (line) => lines.push(line),
  });
  return { code, lines };
}

const evidence = () => world.store.collections.evidence;
const blocksOf = (connectionId: string): Promise<StoredEvidence[]> => evidence().find({ connectionId }).sort({ _id: 1 }).toArray();

describe('a row of evidence', () => {
  it('names what was decided, on which record, and what of the person went, and nothing of the person', async () => {
    const blocks = await blocksOf(SINK);
    const [item] = blocks.flatMap((block) => readBlock(block).evidence);
    const record = await world.store.collections.consents.findOne({ _id: `${WORKSPACE}|${item?.recordId}` });
    expect(item).toMatchObject({
      deliveryId: expect.any(String), attempt: 0, subjectKey: expect.any(String), action: 'send-event', purpose: 'marketing', isAllowed: true, reason: 'consent-granted', agreementId: 'terms',
      agreementVersion: 1, recordVersion: 1, recordHash: record?.seal?.hash, idempotencyKey: expect.any(String),
    });
    expect(item?.fields).toContain('profile.email');
    expect(blocks.map(({ connectionId, evaluatedAt }) => [connectionId, evaluatedAt > 0])).toEqual(blocks.map(() => [SINK, true]));
    expect(blocks.flatMap((block) => readBlock(block).outcomes)[0]).toMatchObject({ outcome: 'delivered', sentAt: expect.any(Number) });
  });

  it('is digested under a salt that lies apart, and still verifies when the salt is destroyed', async () => {
    const salts = await world.store.collections.salts.find().toArray();
    expect(salts).toHaveLength(1);
    expect(JSON.stringify(await world.store.collections.profiles.find().toArray())).not.toContain(salts[0]!.salt);
    await world.store.collections.salts.deleteMany({});
    expect((await verify()).code).toBe(0);
    await world.store.collections.salts.insertMany(salts);
  });
});

describe('npm run evidence:verify', () => {
  it('says that all is whole, up to when', async () => {
    const { code, lines } = await verify();
    expect({ code, lines }).toEqual({ code: 0, lines: [expect.stringMatching(/^OK: \d+ blocks in 2 chains; 2 checkpoints, the last of 2026-/)] });
  });

  // Each puts back what it did.
  const cases: [string, () => Promise<() => Promise<unknown>>, RegExp, (RegExp | null)?][] = [
    ['an edited block', async () => {
      const [, block] = await blocksOf(SINK);
      await evidence().updateOne({ _id: block!._id }, { $set: { content: block!.content.replace('"attempt":0', '"attempt":9') } });
      return () => evidence().replaceOne({ _id: block!._id }, block!);
    }, /^ws1\|sink: block 2 was edited$/],
    ['an edited block with a hash to match', async () => {
      const [, block] = await blocksOf(SINK);
      const forged = { ...block!, content: block!.content.replace('"attempt":0', '"attempt":9') };
      await evidence().replaceOne({ _id: block!._id }, { ...forged, hash: blockHash(forged) });
      return () => evidence().replaceOne({ _id: block!._id }, block!);
    }, /^ws1\|sink: block 2 was edited and its hash made again$/],
    ['a block whose deliveries were taken from the index', async () => {
      const [block] = await blocksOf(SINK);
      await evidence().updateOne({ _id: block!._id }, { $set: { deliveryIds: [] } });
      return () => evidence().replaceOne({ _id: block!._id }, block!);
    }, /^ws1\|sink: block 1 was edited$/],
    ['a deleted block', async () => {
      const [, , block] = await blocksOf(SINK);
      await evidence().deleteOne({ _id: block!._id });
      return () => evidence().insertOne(block!);
    }, /^ws1\|sink: block 3 was deleted$/],
    ['two blocks that changed places', async () => {
      const [, one, other] = await blocksOf(SINK);
      const [{ _id: second, ...ofSecond }, { _id: third, ...ofThird }] = [one!, other!];
      await evidence().replaceOne({ _id: second }, { ...ofThird, seq: 2 });
      await evidence().replaceOne({ _id: third }, { ...ofSecond, seq: 3 });
      return () => Promise.all([one!, other!].map((block) => evidence().replaceOne({ _id: block._id }, block)));
    }, /^ws1\|sink: block 2 lies at another place than it was written at$/],
    ['a cut tail, with the lane\'s head set back', async () => {
      const blocks = await blocksOf(SINK);
      const lane = await world.store.collections.lanes.findOne({ _id: LANE });
      const [last, before] = [blocks.at(-1)!, blocks.at(-2)!];
      await evidence().deleteOne({ _id: last._id });
      await world.store.collections.lanes.updateOne({ _id: LANE }, { $set: { chainSeq: before.seq, chainHash: before.hash } });
      return () => Promise.all([evidence().insertOne(last), world.store.collections.lanes.replaceOne({ _id: LANE }, lane!)]);
    }, /^ws1\|sink: block \d+ and all after it were cut off$/, /^OK/],
    ['a chain that was rebuilt, with the lane\'s head', async () => {
      const blocks = await blocksOf(SINK);
      const lane = await world.store.collections.lanes.findOne({ _id: LANE });
      let previousHash = GENESIS_HASH;
      for (const block of blocks) {
        const forged = { ...block, previousHash, content: block.content.replace('consent-granted', 'basis-contract') };
        previousHash = blockHash(forged);
        await evidence().replaceOne({ _id: block._id }, { ...forged, hash: previousHash });
      }
      await world.store.collections.lanes.updateOne({ _id: LANE }, { $set: { chainHash: previousHash } });
      return () => Promise.all([...blocks.map((block) => evidence().replaceOne({ _id: block._id }, block)), world.store.collections.lanes.replaceOne({ _id: LANE }, lane!)]);
    }, /^ws1\|sink: block \d+ is not the one that was told of: the chain was rebuilt \(somewhere from block 1 on\)$/, /^OK/],
    ['a consent record that was edited', async () => {
      const record = await world.store.collections.consents.findOne({ decision: 'withdrawn' });
      await world.store.collections.consents.updateOne({ _id: record!._id }, { $set: { decision: 'granted' } });
      return () => world.store.collections.consents.replaceOne({ _id: record!._id }, record!);
    }, /^ws1\|@consents: block 2 record .+ was edited$/],
    ['a consent record that was deleted', async () => {
      const record = await world.store.collections.consents.findOne({ decision: 'withdrawn' });
      await world.store.collections.consents.deleteOne({ _id: record!._id });
      return () => world.store.collections.consents.insertOne(record!);
    }, /^ws1\|@consents: block 2 record .+ was deleted$/],
    ['a consent record that was added, with a seal of its own', async () => {
      const { _id, schemaVersion, ...record } = (await world.store.collections.consents.findOne({ decision: 'granted' }))!;
      const forged = sealConsent({ ...record, seal: undefined, recordId: 'forged' } as unknown as ConsentRecord, 'nonce');
      await world.store.collections.consents.insertOne({ _id: `${WORKSPACE}|forged`, schemaVersion, ...forged });
      return () => world.store.collections.consents.deleteOne({ _id: `${WORKSPACE}|forged` });
    }, /^ws1\|@consents: record forged was added/],
    ['the ledger cut after a consent, its chain and all', async () => {
      const record = await world.store.collections.consents.findOne({ decision: 'withdrawn' });
      const [first, second] = await blocksOf(CONSENT_CHAIN);
      const lane = await world.store.collections.lanes.findOne({ _id: LEDGER });
      await world.store.collections.consents.deleteOne({ _id: record!._id });
      await evidence().deleteOne({ _id: second!._id });
      await world.store.collections.lanes.updateOne({ _id: LEDGER }, { $set: { chainSeq: first!.seq, chainHash: first!.hash } });
      return () => Promise.all([world.store.collections.consents.insertOne(record!), evidence().insertOne(second!), world.store.collections.lanes.replaceOne({ _id: LEDGER }, lane!)]);
    }, /^ws1\|@consents: block 2 and all after it were cut off$/, /^OK/],
  ];
  it.each(cases)('names %s', async (_name, manipulate, expected, withoutCheckpoints = null) => {
    const restore = await manipulate();
    try {
      const { code, lines } = await verify();
      expect([code, lines[0], lines.at(-1)]).toEqual([1, expect.stringMatching(expected), expect.stringMatching(/^BROKEN/)]);
      // What only a checkpoint can tell does not show without it.
      if (withoutCheckpoints !== null) expect((await verify({ withCheckpoints: false })).lines.at(-1)).toMatch(withoutCheckpoints);
    } finally {
      await restore();
    }
  });

  it('finds all whole again: each of them was put back, and nothing else was found', async () => {
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('believes no checkpoint that another key has signed, and names its line', async () => {
    const other = await createSigner(randomBytes(32));
    await appendFile(file, `${await other.sign({ iss: 'x', at: '2026-01-01T00:00:00Z', heads: [] }, 'firsthand-checkpoint+jws')}\n`);
    const { code, lines } = await verify();
    expect([code, lines[0]]).toEqual([1, 'checkpoints: line 3 is signed by none of the keys']);
    await writeFile(file, told);
  });

  it('goes on to verify a record whose person was erased', async () => {
    const records = await world.store.collections.consents.find().toArray();
    await world.store.collections.consents.updateMany({}, { $unset: { identityKey: 1, 'seal.nonce': 1 } });
    expect((await verify()).code).toBe(0);
    await Promise.all(records.map((record) => world.store.collections.consents.replaceOne({ _id: record._id }, record)));
  });
});

describe('checkpoints', () => {
  it('tell only what has moved, and tell it again when a target did not take it', async () => {
    let isAway = true;
    const kept: string[] = [];
    const again = createCheckpoints({
      collections: world.store.collections, signer, issuer: 'x', clock: () => world.clock.now,
      targets: [{ keep: (jws) => (isAway ? Promise.reject(new TypeError('away')) : Promise.resolve(void kept.push(jws))) }],
    });
    await expect(again.tick()).rejects.toThrow(TypeError);
    expect(again.caughtUpAt).toBeNull();
    isAway = false;
    await again.tick();
    await again.tick();
    expect(kept).toHaveLength(1);
    expect(again.caughtUpAt).toBe(world.clock.now);
    expect(JSON.parse(Buffer.from(kept[0]!.split('.')[1]!, 'base64url').toString())).toMatchObject({ heads: expect.arrayContaining([expect.objectContaining({ chain: LEDGER, seq: 2, count: 2 })]) });
  });
});
