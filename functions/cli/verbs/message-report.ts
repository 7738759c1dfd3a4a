import { operateIdentity } from '../lake-access';
import { tableText } from '../table-text';
import { operatorOptions, UsageError, type Verb } from '../verb';

export const messageReportVerb: Verb = {
  name: 'identity report',
  usage: 'REQUEST-ID [--json]',
  most: 1,
  summary:
    'What of a message does not stand in the clinical copy: which elements were dropped, tokenised or generalised, how often, by which rule. No value is shown.',
  options: operatorOptions,
  async run({ positionals: [requestId], options, json, terminal }) {
    if (requestId === undefined) throw new UsageError('Name the X-Request-ID of a message.');
    const reports = await operateIdentity(options, 'messageReports', { requestId });
    if (json) terminal.out(`${JSON.stringify(reports)}\n`);
    for (const { provider, report } of json ? [] : reports) {
      const { resources, restricted, lines } = report;
      terminal.out(`${provider}: ${resources} resources, ${restricted} of them restricted\n`);
      terminal.out(lines.length === 0 ? 'nothing was changed\n' : tableText(lines.map((line) => ({ ...line }))));
    }
    if (reports.length > 0) return 0;
    terminal.error(
      'The lake took no message under this request id, or holds it for review (`lake identity quarantine list`).\n',
    );
    return 1;
  },
};
