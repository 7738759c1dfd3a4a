import { urlsIn } from '../support/given-servers';

export interface ContractEndpoint {
  /** Credentials as user and password; without the parameters that are ours. */
  readonly url: URL;
  /** How the matrix calls it: the parameter `name`, else the host. */
  readonly name: string;
  /** Our parameters: what is known of this endpoint, for example `object-lock`. */
  readonly facts: URLSearchParams;
}

/**
 * The servers a variable names, for example `LAKE_CONTRACT_S3`: one URL or several, parted by commas. Without any, the suite is
 * in the matrix as not run.
 *
 * @param orElse what helps too
 */
export function contractEndpoints(
  port: string,
  adapter: string,
  variable: string,
  orElse?: string,
): readonly ContractEndpoint[] {
  const urls = urlsIn(variable);
  if (urls.length === 0) {
    describe(`${port}: ${adapter}`, () => {
      it(`not run: set ${variable} to the URL of a server${orElse === undefined ? '' : `, or ${orElse}`}`, function () {
        this.skip();
      });
    });
  }
  return urls.map((text) => {
    const url = new URL(text);
    const facts = url.searchParams;
    const plain = new URL(text);
    plain.search = '';
    return { url: plain, name: `${adapter}, ${facts.get('name') ?? url.host}`, facts };
  });
}
