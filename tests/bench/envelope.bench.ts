import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import { frameBytes } from '../../adapters/shared/envelope-header';
import type { Figure } from './figure';

type Seal = (body: Buffer) => Promise<unknown>;

const context = { zone: 'landing', provider: 'A1B2C', retention: 'gp-record' };
const maxUses = 1000;

/** The parts of `@aws-crypto/client-node` that are used; it is no dependency of the lake. */
interface JavaScriptSdk {
  buildClient(policy: string): {
    encrypt(materials: object, body: Buffer, options: object): Promise<{ result: Buffer }>;
    decrypt(materials: object, message: Buffer): Promise<{ plaintext: Buffer }>;
  };
  RawAesKeyringNode: new (options: object) => object;
  NodeCachingMaterialsManager: new (options: object) => object;
  getLocalCryptographicMaterialsCache(capacity: number): object;
  RawAesWrappingSuiteIdentifier: { AES256_GCM_IV12_TAG16_NO_PADDING: number };
  AlgorithmSuiteIdentifier: { ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY: number };
}

/**
 * The official SDK of JavaScript, its data keys cached as ours are; LAKE_ESDK_JS is a folder that has it.
 *
 * @param frameLength bytes; the SDK's own is 4,096
 */
function official(
  folder: string,
  frameLength?: number,
): { readonly seal: Seal; readonly open: (message: Buffer) => Promise<unknown> } {
  const sdk = createRequire(join(folder, 'package.json'))('@aws-crypto/client-node') as JavaScriptSdk;
  const client = sdk.buildClient('REQUIRE_ENCRYPT_REQUIRE_DECRYPT');
  const backingMaterials = new sdk.RawAesKeyringNode({
    keyNamespace: 'nhs-data-lake',
    keyName: 'landing.1',
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: sdk.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const cache = sdk.getLocalCryptographicMaterialsCache(maxUses);
  const materials = new sdk.NodeCachingMaterialsManager({
    backingMaterials,
    cache,
    maxAge: 300_000,
    maxMessagesEncrypted: maxUses,
  });
  const suiteId = sdk.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  const options = { encryptionContext: context, suiteId, ...(frameLength === undefined ? {} : { frameLength }) };
  return {
    seal: async (body) => (await client.encrypt(materials, body, { ...options, plaintextLength: body.length })).result,
    open: (message) => client.decrypt(materials, message),
  };
}

/** Calls a CPU second, the best of several rounds: others use the cores too. */
async function rate(call: () => Promise<unknown>, calls: number): Promise<number> {
  let best = 0;
  for (let round = 0; round < 6; round += 1) {
    const begin = process.cpuUsage();
    for (let index = 0; index < calls; index += 1) await call();
    const { user, system } = process.cpuUsage(begin);
    best = Math.max(best, (calls / (user + system)) * 1e6);
  }
  return best;
}

export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lake-bench-envelope-'));
  try {
    const keys = new FileKeyManagement(folder);
    keys.createKey('landing', 'dataKeys');
    // As identity objects are sealed: under the public half alone.
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(folder, 'identity.1.json'), JSON.stringify({ use: 'publicKeyWrap', secret }), { mode: 0o600 });
    const landing = new EnvelopeEncryption({
      generateDataKey: (of) => keys.generateDataKey('landing', of),
      unwrap: (edk, of) => keys.unwrap('landing', edk, of),
    });
    const identity = new EnvelopeEncryption({ wrapWithPublicKey: (of) => keys.wrapWithPublicKey('identity', of) });
    const sdk = process.env.LAKE_ESDK_JS === undefined ? undefined : official(process.env.LAKE_ESDK_JS);
    const small = randomBytes(2048);
    const large = randomBytes(1024 * 1024);

    const figures: Figure[] = [];
    const measure = async (
      name: string,
      bytes: number,
      calls: number,
      ours: () => Promise<unknown>,
      theirs?: () => Promise<unknown>,
    ): Promise<void> => {
      const scale = (perSecond: number) =>
        bytes < large.length ? Math.round(perSecond) : Math.round((perSecond * bytes) / 1e6);
      const value = scale(await rate(ours, calls));
      // Their calls take longer: fewer of them take the same time.
      const baseline = theirs === undefined ? {} : { baseline: scale(await rate(theirs, Math.ceil(calls / 4))) };
      figures.push({ name, value, unit: bytes < large.length ? 'objects/CPU s' : 'MB/CPU s', ...baseline });
    };
    const both = sdk === undefined ? () => undefined : (body: Buffer) => () => sdk.seal(body);
    await measure('seal 2 KB', small.length, 20_000, () => landing.seal(small, context), both(small));
    await measure('seal 2 KB under a public key', small.length, 20_000, () => identity.seal(small, context));
    await measure('seal 1 MB', large.length, 400, () => landing.seal(large, context), both(large));
    if (process.env.LAKE_ESDK_JS !== undefined) {
      const longer = official(process.env.LAKE_ESDK_JS, frameBytes);
      const ours = () => landing.seal(large, context);
      await measure('seal 1 MB, its frames as long as ours', large.length, 400, ours, () => longer.seal(large));
    }
    const sealedOf = async (body: Buffer) => ({
      ours: await landing.seal(body, context),
      theirs: sdk === undefined ? undefined : ((await sdk.seal(body)) as Buffer),
    });
    for (const [name, body, calls] of [
      ['open 2 KB', small, 20_000],
      ['open 1 MB', large, 400],
    ] as const) {
      const { ours, theirs } = await sealedOf(body);
      const theirOpen = sdk === undefined || theirs === undefined ? undefined : () => sdk.open(theirs);
      await measure(name, body.length, calls, () => landing.open(ours, context), theirOpen);
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
