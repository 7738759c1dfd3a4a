import { xhtmlEntities } from './xhtml-entities';

/** Elements of the limited XHTML of a narrative (https://hl7.org/fhir/R4/narrative.html): basic formatting, no active content. */
const elements = new Set(
  'a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'.split(
    ' ',
  ),
);
const attributes = new Set(
  'abbr accesskey align alt axis border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width xml:lang xmlns'.split(
    ' ',
  ),
);

const tag =
  /<(?:!--[\s\S]*?-->|(\/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z_:][A-Za-z0-9_:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>)/g;
const attribute = /([A-Za-z_:][A-Za-z0-9_:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const reference = /&(?:(#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?/g;

/** Whether each & begins a reference to a character that there is. */
const isEscaped = (text: string): boolean => {
  for (const [, name] of text.matchAll(reference))
    if (name === undefined || !(name.startsWith('#') || xhtmlEntities.has(name))) return false;
  return true;
};

/** What is wrong with a narrative's div; undefined when nothing is. */
export function narrativeFault(div: string): string | undefined {
  const text = div.trim();
  if (!/^<div[\s>/]/.test(text)) return 'The narrative must be one XHTML div.';
  const open: string[] = [];
  let last = 0;
  let closed = false;
  let content = false;
  for (const match of text.matchAll(tag)) {
    const between = text.slice(last, match.index);
    if (between.includes('<') || !isEscaped(between)) return 'The narrative is not well-formed XHTML.';
    if (closed) return 'The narrative must be one XHTML div with nothing after it.';
    if (/\S/.test(between)) content = true;
    last = match.index + match[0].length;
    const [, end, name, given = '', empty] = match;
    if (name === undefined) continue;
    if (!elements.has(name))
      return 'The narrative holds an element that FHIR does not allow: only basic formatting, no scripts, forms or styles.';
    if (end === '/') {
      if (open.pop() !== name) return 'The narrative is not well-formed XHTML: tags do not nest.';
      closed = open.length === 0;
      continue;
    }
    if (name === 'img') content = true;
    const fault = attributeFault(given, name === 'div' && open.length === 0);
    if (fault !== undefined) return fault;
    if (empty !== '/') open.push(name);
  }
  if (open.length > 0 || last < text.length) return 'The narrative is not well-formed XHTML.';
  return content ? undefined : 'The narrative holds no text (txt-2).';
}

function attributeFault(text: string, root: boolean): string | undefined {
  let namespace = !root;
  const given = new Set<string>();
  for (const [, name, double, single] of text.matchAll(attribute)) {
    const value = double ?? single ?? '';
    if (given.has(name!) || !isEscaped(value))
      return 'The narrative is not well-formed XHTML: an attribute is given twice, or holds an & that is not escaped.';
    given.add(name!);
    if (!attributes.has(name!))
      return 'The narrative holds an attribute that FHIR does not allow, such as an event handler.';
    if (isActive(value) || (name === 'style' && /expression\s*\(/i.test(value)))
      return 'The narrative holds active content in a link.';
    if (name === 'xmlns') namespace = value === 'http://www.w3.org/1999/xhtml';
  }
  return namespace ? undefined : 'The div of a narrative needs the namespace http://www.w3.org/1999/xhtml.';
}

const named: Readonly<Record<string, string>> = { colon: ':', Tab: '', NewLine: '' };

/**
 * Whether a browser would run what an attribute says: it decodes references first and passes over white space and control
 * characters in a scheme (WHATWG URL, basic URL parser). Of data, pictures alone are passive.
 */
function isActive(value: string): boolean {
  const decoded = value
    .replace(/&#x([0-9A-Fa-f]{1,6});/gi, (_, hex: string) => characterOf(Number.parseInt(hex, 16)))
    .replace(/&#([0-9]{1,7});/g, (_, digits: string) => characterOf(Number(digits)))
    .replace(/&([A-Za-z]+);/g, (whole, name: string) => named[name] ?? whole);
  const text = [...decoded].filter((character) => character > '\u0020' && character !== '\u007f').join('');
  return /(?:javascript|vbscript):/i.test(text) || /^data:(?!image\/(?:png|jpeg|gif)[;,])/i.test(text);
}

/** A number beyond Unicode stands for nothing. */
const characterOf = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
