import { operate } from '../lake-access';
import type { Verb } from '../verb';

export const auditVerifyVerb: Verb = {
  name: 'audit verify',
  usage: '[--json]',
  summary:
    'Checks the audit chains with the public key and the witness copy: nothing edited, added, left out or cut off.',
  async run({ options, json, terminal }) {
    const report = await operate(options, 'verifyAudit');
    const { ok, records, problems } = report;
    if (json) terminal.out(`${JSON.stringify({ ok, records, problems })}\n`);
    else {
      terminal.out(
        ok ? `${records} records, the chain is whole\n` : `${report.problemsFound} problems in ${records} records\n`,
      );
      for (const problem of problems) terminal.out(`  ${JSON.stringify(problem)}\n`);
    }
    return ok ? 0 : 1;
  },
};
