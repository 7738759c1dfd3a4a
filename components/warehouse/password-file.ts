import { createHash, pbkdf2Sync } from 'node:crypto';
import { all, type Input, type Output, output, secret } from '@pulumi/pulumi';

/** The least Trino takes is 1,000; these passwords have 256 random bits, so more would only cost each sign-in. */
const iterations = 10_000;

/** `ITERATIONS:SALT:HASH` in hex, PBKDF2 with HMAC-SHA-1 as Trino computes it ("Password file authentication"). */
export function passwordHash(user: string, password: string): string {
  // Not random, so that a second deployment changes nothing; the passwords differ anyway.
  const salt = createHash('sha256').update(`trino ${user} ${password}`).digest().subarray(0, 16);
  return [iterations, salt.toString('hex'), pbkdf2Sync(password, salt, iterations, 32, 'sha1').toString('hex')].join(
    ':',
  );
}

/** Trino's password file for users whose passwords the stack makes itself. */
export const passwordFile = (
  users: readonly { readonly user: string; readonly password: Input<string> }[],
): Output<string> =>
  secret(
    all(
      users.map(({ user, password }) => output(password).apply((text) => `${user}:${passwordHash(user, text)}\n`)),
    ).apply((lines) => lines.join('')),
  );
