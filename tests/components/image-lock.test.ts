import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { imagesFrom } from '../../components/core/kubernetes-images';
import { type ImageLock, lockImages } from '../../stacks/commands/image-lock';
import { digestOfImage } from '../../stacks/commands/image-registry';
import { readConfig } from '../../stacks/config';
import { lake } from '../support/lake-command';
import { closeServer, listenOnLoopback } from '../support/loopback-server';
import { devSettings, siteSettings, sourceOf } from './dev-stack';
import { deploy } from './recorded-lake';

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const login = Buffer.from('reader:secret').toString('base64');

/** A registry that gives tokens for one repository each, to whoever has the login. */
class Registry {
  manifests: Readonly<Record<string, string>> = {};
  /** Said in place of the digest of the bytes. */
  says: string | undefined;
  /** What goes wrong in place of an answer. */
  fails: 'busy' | 'breaks off' | 'too long' | undefined;
  readonly #server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://registry');
    const { authorization } = request.headers;
    if (this.fails === 'busy') return response.writeHead(503).end();
    if (this.fails === 'breaks off') {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      return setImmediate(() => response.destroy());
    }
    if (this.fails === 'too long') return response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024));
    if (url.pathname === '/token') {
      if (authorization !== `Basic ${login}`) return response.writeHead(401).end();
      return response.end(JSON.stringify({ token: `for ${url.searchParams.get('scope')}` }));
    }
    const [, repository = '', tag = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? [];
    const scope = `repository:${repository}:pull`;
    if (authorization !== `Bearer for ${scope}`) {
      const realm = `http://${request.headers.host}/token`;
      return response
        .writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="registry",scope="${scope}"` })
        .end();
    }
    const manifest = this.manifests[`${repository}:${tag}`];
    if (manifest === undefined || !request.headers.accept?.includes('image.index'))
      return response.writeHead(404).end();
    return response.writeHead(200, { 'docker-content-digest': this.says ?? sha256(manifest) }).end(manifest);
  });

  /** Host and port, as they begin a reference. */
  async listen(): Promise<string> {
    return (await listenOnLoopback(this.#server)).replace('http://', '');
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }
}

describe('The lock of the images of a stack', () => {
  const registry = new Registry();
  const kept = { ...process.env };
  let host: string;
  let folder: string;
  const settings = (more: object = {}): void => {
    const values = {
      ...Object.fromEntries(
        Object.entries(siteSettings).map(([key, text]) => [key, /^[[{]/.test(text) ? JSON.parse(text) : text]),
      ),
      deploymentSecret: { secure: 'x' },
      imageRegistry: host,
      images: { lake: `${host}/lake:7` },
      ...more,
    };
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`nhs-data-lake:${key}`, value]));
    // YAML takes JSON.
    writeFileSync(join(folder, 'Pulumi.site.yaml'), JSON.stringify({ config }));
  };
  /** What the verb gave Pulumi to write. */
  const written = (): readonly string[] => JSON.parse(readFileSync(join(folder, 'said'), 'utf8')) as string[];
  const lock = async (...more: readonly string[]) => {
    const { code, out, error } = await lake('stack', 'lock', '--stack', 'site', '--program', folder, '--json', ...more);
    return { code, error, lock: (out === '' ? {} : JSON.parse(out)) as ImageLock & { readonly changed: string[] } };
  };
  const inUse = ['lake:7', 'coredns/coredns:1.14.7', 'cloudnative-pg/postgresql:18.1-system-trixie'];

  const digests = () => Object.fromEntries(inUse.map((name) => [`${host}/${name}`, sha256(`{"manifest":"${name}"}`)]));

  before(async () => {
    host = await registry.listen();
    folder = mkdtempSync(join(tmpdir(), 'lake-lock-'));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth: login } } }));
    const pulumi = join(folder, 'pulumi');
    const note = `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'said'))}, JSON.stringify(process.argv.slice(2)))`;
    writeFileSync(pulumi, `#!${process.execPath}\n${note};\n`);
    chmodSync(pulumi, 0o755);
    process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
    process.env.DOCKER_CONFIG = folder;
    registry.manifests = Object.fromEntries(inUse.map((name) => [name, `{"manifest":"${name}"}`]));
  });
  after(async () => {
    process.env = kept;
    rmSync(folder, { recursive: true, force: true });
    await registry.close();
  });

  it('is what the registry gives for each image that the stack runs, and for no other', async () => {
    settings();
    const { code, lock: found } = await lock();
    assert.equal(code, 0);
    assert.deepEqual(found.digests, digests());
    assert.deepEqual(found.changed.toSorted(), Object.keys(digests()).toSorted());
    assert.deepEqual(written(), ['config', 'set', 'imageDigests', JSON.stringify(found.digests), '--stack', 'site']);
  });

  it('leaves out what is loaded into the nodes of a development cluster, and says so', async () => {
    const recorded = await deploy('apply', devSettings);
    const { digests: found, local } = await lockImages(readConfig(sourceOf(devSettings)), recorded, async (of) => of);
    assert.deepEqual(local, ['dev.local/lake:1']);
    assert.deepEqual(
      Object.keys(found).map((of) => of.split(/[/:]/).at(-2)),
      ['postgres', 'versitygw', 'openbao'],
    );
  });

  it('is held to by --check, which writes nothing, until a tag means another image', async () => {
    settings({ imageDigests: digests() });
    rmSync(join(folder, 'said'), { force: true });
    assert.deepEqual([(await lock('--check')).code, (await lock()).lock.changed], [0, []]);
    registry.manifests = { ...registry.manifests, 'lake:7': 'pushed over' };
    const { code, lock: other } = await lock('--check');
    assert.deepEqual([code, other.changed], [1, [`${host}/lake:7`]]);
    assert.throws(written);
  });

  it('is what the pods run; an image of another tag is run by its tag until it is locked', async () => {
    const digest = `sha256:${'7'.repeat(64)}`;
    const reference = 'registry.example.nhs.uk/lake:1';
    const recorded = await deploy('apply', { ...siteSettings, imageDigests: JSON.stringify({ [reference]: digest }) });
    assert.ok(JSON.stringify(recorded).includes(`"image":"${reference}@${digest}"`));
    assert.ok(JSON.stringify(recorded).includes('"imageName":"ghcr.io/cloudnative-pg/postgresql:'));
    const of = (lakeImage: string) => imagesFrom(undefined, { lake: lakeImage }, { [reference]: digest })('lake');
    assert.deepEqual(
      [of(reference), of('registry.example.nhs.uk/lake:2')].map((one) => one.includes('@')),
      [true, false],
    );
  });

  it('says what a registry has not got, whose login it wants, and that its bytes are others than it says', async () => {
    settings({ images: { lake: `${host}/lake:8` } });
    const { code, error } = await lock();
    assert.deepEqual([code, error], [1, `${host}/lake:8: ${host} has no such image\n`]);
    await assert.rejects(digestOfImage(`${host}/lake:7`), new RegExp(`${host} wants a login; .docker login ${host}.`));
    registry.says = sha256('another');
    await assert.rejects(
      digestOfImage(`${host}/lake:7`, { [host]: { auth: login } }),
      /another digest than its manifest/,
    );
    registry.says = undefined;
    await assert.rejects(digestOfImage('127.0.0.1:1/lake:7'), /the registry 127.0.0.1:1 was not reached/);
    await assert.rejects(digestOfImage(`${host}/lake`), /no tag to look up/);
    for (const [fails, said] of [
      ['busy', /cannot say now \(it answers 503\); ask again later/],
      ['breaks off', /was not reached, or broke its answer off/],
      ['too long', /its manifest is over 4 MiB/],
    ] as const) {
      registry.fails = fails;
      const asked = digestOfImage(`${host}/lake:7`, { [host]: { auth: login } });
      await assert.rejects(asked, { name: 'ImageRegistryError', message: said });
    }
    registry.fails = undefined;
  });

  it('mirrors every pinned image and leaves whole references as they are', () => {
    const of = imagesFrom('mirror.example.nhs.uk/pinned', { lake: 'registry.example.nhs.uk/lake:1' });
    assert.equal(of('postgresCluster'), 'mirror.example.nhs.uk/pinned/cloudnative-pg/postgresql:18.1-system-trixie');
    assert.equal(of('lake'), 'registry.example.nhs.uk/lake:1');
    assert.throws(() => of('spark'), /images.spark: missing/);
  });
});
