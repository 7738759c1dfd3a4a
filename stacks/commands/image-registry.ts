import { createHash } from 'node:crypto';

/** A registry did not say which image a reference means. */
export class ImageRegistryError extends Error {
  constructor(reference: string, why: string) {
    super(`${reference}: ${why}`);
    this.name = 'ImageRegistryError';
  }
}

/** By registry, USER:PASSWORD in base64, as container tools keep them (`auths` of their config.json). */
export type RegistryLogins = Readonly<Record<string, { readonly auth?: string }>>;

/** Of an image for several processors the index, else the manifest (OCI Distribution Specification 1.1, "Pulling manifests"). */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined when there are too many. */
  readonly bytes: Buffer | undefined;
}

type Ask = (url: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

/** Bytes; the specification has registries take manifests of 4 MiB. */
const longestManifest = 4 * 1024 * 1024;
const timeout = 30_000;

/**
 * The digest of what a registry gives for a reference with a tag, worked out from the bytes themselves.
 *
 * @throws ImageRegistryError when the registry does not answer, has no such image, or says another digest than its bytes have
 */
export async function digestOfImage(reference: string, logins: RegistryLogins = {}): Promise<string> {
  const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([\w.-]+)$/.exec(reference) ?? [];
  if (tag === '') throw new ImageRegistryError(reference, 'no tag to look up; give one');
  const address = `${originOf(registry)}/v2/${repository}/manifests/${tag}`;
  const ask: Ask = async (url, headers) => {
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeout) });
      return { status: response.status, headers: response.headers, bytes: await boundedBytes(response) };
    } catch {
      throw new ImageRegistryError(reference, `the registry ${registry} was not reached, or broke its answer off`);
    }
  };
  const basic = (logins[registry] ?? logins[`https://${registry}`] ?? dockerHub(registry, logins))?.auth;
  let answer = await ask(address, { accept: manifestTypes });
  if (answer.status === 401) {
    const authorization = await authorisationOf(answer, basic, ask);
    if (authorization !== undefined) answer = await ask(address, { accept: manifestTypes, authorization });
  }
  if (answer.status === 401 || answer.status === 403)
    throw new ImageRegistryError(reference, `${registry} wants a login; \`docker login ${registry}\` keeps one`);
  if (answer.status === 404) throw new ImageRegistryError(reference, `${registry} has no such image`);
  if (answer.status !== 200)
    throw new ImageRegistryError(
      reference,
      `${registry} cannot say now (it answers ${answer.status}); ask again later`,
    );
  const { bytes } = answer;
  if (bytes === undefined) throw new ImageRegistryError(reference, 'its manifest is over 4 MiB');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const said = answer.headers.get('docker-content-digest');
  if (said !== null && said !== digest)
    throw new ImageRegistryError(reference, `${registry} names another digest than its manifest has`);
  return digest;
}

/** The whole body; undefined for one that is longer than any manifest, of which no more is read. */
async function boundedBytes({ body }: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > longestManifest) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Plain HTTP on this machine alone, as container tools have it. */
function originOf(registry: string): string {
  if (registry === 'docker.io') return 'https://registry-1.docker.io';
  return /^(localhost|127\.0\.0\.1)(:|$)/.test(registry) ? `http://${registry}` : `https://${registry}`;
}

const dockerHub = (registry: string, logins: RegistryLogins) =>
  registry === 'docker.io' ? logins['https://index.docker.io/v1/'] : undefined;

/** What a registry that asks for it takes: the login itself, or a token for this one repository (its "token authentication"). */
async function authorisationOf(refusal: Answer, basic: string | undefined, ask: Ask): Promise<string | undefined> {
  const challenge = refusal.headers.get('www-authenticate') ?? '';
  const login = basic === undefined ? undefined : `Basic ${basic}`;
  if (!/^bearer /i.test(challenge)) return login;
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const { realm = '', service, scope } = fields as Readonly<Record<string, string | undefined>>;
  if (!URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  // A login goes nowhere in the clear.
  if (url.protocol !== 'https:' && !['localhost', '127.0.0.1'].includes(url.hostname)) return undefined;
  if (service !== undefined) url.searchParams.set('service', service);
  if (scope !== undefined) url.searchParams.set('scope', scope);
  const answer = await ask(url.href, login === undefined ? {} : { authorization: login });
  const given = answer.status === 200 ? tokenIn(answer.bytes) : undefined;
  return given === undefined ? undefined : `Bearer ${given}`;
}

/** Undefined for what is no answer of a token server: the registry then says that it wants a login. */
function tokenIn(bytes: Buffer | undefined): string | undefined {
  try {
    const { token, access_token: access } = JSON.parse(String(bytes)) as Readonly<Record<string, unknown>>;
    return [token, access].find((one) => typeof one === 'string');
  } catch {
    return undefined;
  }
}
