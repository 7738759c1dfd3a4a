import type { Suite } from 'mocha';

/** Servers that suites may be given: `s3` by `LAKE_CONTRACT_S3`. */
export type ServerName = 'aws' | 'keycloak' | 'openbao' | 'postgres' | 's3';

/** Their URLs, an administrator's credentials as user and password. */
export type GivenServers<Name extends ServerName> = Readonly<Record<Name, URL>>;

const variableOf = (name: ServerName): string => `LAKE_CONTRACT_${name.toUpperCase()}`;

/** The URLs that a variable names, parted by commas. */
export const urlsIn = (variable: string): readonly string[] =>
  (process.env[variable] ?? '').split(',').filter((text) => text !== '');

/** The servers of this run, the first where several are named; a sentence that says what to set where one is missing. */
export function givenServers<Name extends ServerName>(...names: readonly Name[]): GivenServers<Name> | string {
  const given = names.flatMap((name) =>
    urlsIn(variableOf(name))
      .slice(0, 1)
      .map((text) => [name, withoutName(new URL(text))] as const),
  );
  return given.length === names.length
    ? (Object.fromEntries(given) as GivenServers<Name>)
    : `set ${names.map(variableOf).join(', ')} to URLs of servers`;
}

/** The heading of its column is no setting of a client. */
function withoutName(url: URL): URL {
  url.searchParams.delete('name');
  return url;
}

/** A suite over servers; without them it is one test, not run, that says what to set. */
export function describeOver<Name extends ServerName>(
  title: string,
  names: readonly Name[],
  suite: (this: Suite, servers: GivenServers<Name>) => void,
): void {
  const servers = givenServers(...names);
  describe(title, function () {
    if (typeof servers !== 'string') return suite.call(this, servers);
    it(`not run: ${servers}`, function () {
      this.skip();
    });
  });
}
