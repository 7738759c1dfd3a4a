import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultJsonLimits, JsonError, parseJson, parseJsonText } from '../../../functions/fhir/json';

const marker = 'MARKER7731';
const refused = (text: string | Uint8Array, code: string): void => {
  const parse = (): unknown => (typeof text === 'string' ? parseJsonText(text) : parseJson(text));
  assert.throws(parse, (error) => error instanceof JsonError && error.code === code && !error.message.includes(marker));
};

describe('parseJson', () => {
  it('reads what JSON.parse reads, to equal values, and writes it back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), fc.boolean(), (value, indented) => {
        const text = JSON.stringify(value, undefined, indented ? 2 : undefined);
        fc.pre(!text.includes('"__proto__":') && text === text.toWellFormed() && !/\\ud[89a-f]/.test(text));
        const parsed = parseJson(Buffer.from(text));
        assert.equal(
          JSON.stringify(parsed),
          JSON.stringify(JSON.parse(text)).replaceAll(/(?<=[[,:])0(?=[\],}])/g, '0'),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('refuses whatever JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '01',
      '.5',
      '1.',
      'true',
      'nul',
      ' ',
      '\n',
      '\\',
      'e5',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        let legal = true;
        try {
          JSON.parse(text);
        } catch {
          legal = false;
        }
        if (legal) parseJsonText(text);
        else refused(text, 'structure');
      }),
      { numRuns: 3000 },
    );
  });

  it('gives every number back letter for letter', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?$/);
    fc.assert(
      fc.property(digits, (number) => {
        assert.equal(JSON.stringify(parseJsonText(`{"a":[${number}]}`)), `{"a":[${number}]}`);
      }),
      { numRuns: 2000 },
    );
    for (const number of ['72.50', '1e3', '9007199254740993', '0.10000000000000000001', '-0', '1E400', '0.0'])
      assert.equal(JSON.stringify(parseJsonText(number)), number);
    assert.equal(typeof parseJsonText('72.5'), 'number');
  });

  it('refuses bytes that are not UTF-8 and takes a byte order mark', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0xaf, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xe2, 0x82],
    ])
      refused(Uint8Array.from(bytes), 'structure');
    assert.deepEqual(parseJson(Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])), {});
  });

  it('refuses half a surrogate pair, a control character, an unknown escape', () => {
    for (const text of ['"\\ud800"', '"a\nb"', '"\\x41"', '"\\u12"', '"open']) refused(text, 'structure');
  });

  it('refuses a name given twice, also when it is written differently', () => {
    refused(`{"${marker}":1,"${marker}":2}`, 'structure');
    refused('{"a":1,"\\u0061":2}', 'structure');
  });

  it('refuses __proto__ and keeps other names of the object prototype as data', () => {
    refused('{"__proto__":{"polluted":1}}', 'structure');
    refused('{"\\u005f_proto__":1}', 'structure');
    const parsed = parseJsonText('{"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1}') as Record<
      string,
      unknown
    >;
    assert.deepEqual(Object.keys(parsed), ['constructor', 'hasOwnProperty']);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('keeps its limits of depth, values, string and number', () => {
    const { maxDepth, maxNumber } = defaultJsonLimits;
    refused('['.repeat(maxDepth + 2), 'too-costly');
    parseJsonText(`${'['.repeat(maxDepth)}1${']'.repeat(maxDepth)}`);
    refused('1'.repeat(maxNumber + 1), 'too-long');
    const small = { maxDepth: 3, maxValues: 5, maxString: 4, maxNumber: 8 };
    assert.throws(() => parseJsonText('[1,2,3,4,5]', small), JsonError);
    parseJsonText('[1,2,3,4]', small);
    assert.throws(() => parseJsonText('"12345"', small), JsonError);
    parseJsonText('"1234"', small);
  });

  it('takes a hundred thousand opening brackets and a long number in little time', () => {
    const start = performance.now();
    refused('{"a":'.repeat(100_000), 'too-costly');
    refused(`[${'9'.repeat(1_000_000)}]`, 'too-long');
    assert.ok(performance.now() - start < 1000);
  });

  it('says where, never what', () => {
    refused(`{"a": ${marker}}`, 'structure');
    refused(`{"a": "b"} ${marker}`, 'structure');
    assert.throws(() => parseJsonText('{"a" 1}'), /colon is missing, at character 6/);
  });
});
