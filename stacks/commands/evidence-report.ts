import type { ControlEvidence } from './evidence';

/** RFC 4180: quoted where a comma, a quote or a line's end stands in it; what a spreadsheet would run is made text. */
function csvCell(text: string): string {
  const plain = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

const columns = ['control', 'title', 'references', 'resources', 'property', 'result', 'findings'] as const;

const cellsOf = ({
  id,
  title,
  references,
  resources,
  property,
  result,
  findings,
}: ControlEvidence): readonly string[] => [
  id,
  title,
  references.join('; '),
  resources.join(' '),
  property,
  result,
  findings.map(({ resource, wrong }) => `${resource}: ${wrong}`).join(' '),
];

/** A line for each control (RFC 4180). */
export const evidenceCsv = (controls: readonly ControlEvidence[]): string =>
  [columns, ...controls.map(cellsOf)].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const html = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

/** One page that needs nothing else: no script, no style from elsewhere. */
export function evidenceHtml(stack: string, controls: readonly ControlEvidence[]): string {
  const count = (result: ControlEvidence['result']): number => controls.filter((one) => one.result === result).length;
  const rows = controls.map((control) => {
    const [id = '', title = '', references = '', resources = '', property = '', result = '', findings = ''] =
      cellsOf(control);
    const cells = [title, references, `${control.resources.length}: ${resources}`, property, result, findings];
    return `<tr><th scope="row"><code>${html(id)}</code></th>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`;
  });
  const heads = ['Control', 'What holds', 'References', 'Resources looked at', 'Property', 'Result', 'Findings'];
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>Controls of the stack ${html(stack)}</title>
<style>body{font-family:Arial,sans-serif;margin:2em}table{border-collapse:collapse}th,td{border:1px solid #768692;padding:.4em;text-align:left;vertical-align:top}</style>
</head>
<body>
<h1>Controls of the stack ${html(stack)}</h1>
<p>${count('pass')} hold, ${count('fail')} do not, ${count('not applicable')} concern nothing in this stack. Made from the resources that the
program describes, before any of them is deployed: it says what was asked for, not what is there.</p>
<table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`;
}
