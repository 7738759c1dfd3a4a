const { readFileSync } = require('node:fs');

const constant = /^const (\w+) = ("\w+");$/gm;
const computedKey = /\[(\w+)\]:/g;

/** The schemas of one client, `{ [_hH]: … }` below `const _hH = "httpHeader"` written as `{ "httpHeader": … }`. */
function withLiteralKeys(schemas) {
  const texts = new Map([...schemas.matchAll(constant)].map(([, name, text]) => [name, text]));
  return schemas.replaceAll(computedKey, (key, name) => (texts.has(name) ? `${texts.get(name)}:` : key));
}

/**
 * esbuild keeps a value with a computed key, since to compute one might do something: the schemas of every operation of a
 * service, 60 KB of S3 that V8 compiles at each cold start. With literal keys only those of the operations in use stay.
 */
const literalSchemaKeys = {
  name: 'literal-schema-keys',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk\/client-[a-z0-9-]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, ({ path }) => ({
      contents: withLiteralKeys(readFileSync(path, 'utf8')),
    }));
  },
};

module.exports = { literalSchemaKeys };
