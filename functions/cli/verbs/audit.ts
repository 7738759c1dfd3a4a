import { resolve } from 'node:path';
import { operate } from '../lake-access';
import { operatorOptions, requiredOption, type Verb } from '../verb';

export const auditVerifyVerb: Verb = {
  name: 'audit verify',
  usage: '[--json]',
  long: true,
  summary:
    'Checks the audit chains with the public key and the witness copy: nothing edited, added, left out or cut off.',
  options: operatorOptions,
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

export const auditExportVerb: Verb = {
  name: 'audit export',
  usage: '--out DIR [--json]',
  long: true,
  summary:
    'Writes the audit out in open forms: the sealed log as it is, the records as NDJSON and as FHIR AuditEvent, public keys and SHA256SUMS.',
  options: { out: { type: 'string', value: 'DIR', help: 'an empty or new folder' } },
  async run({ options, json, terminal }) {
    const exported = await operate(options, 'exportAudit', resolve(requiredOption(options, 'out')));
    if (json) terminal.out(`${JSON.stringify(exported)}\n`);
    else terminal.out(`${exported.records} records in ${exported.files} files, up to the newest checkpoints\n`);
    return 0;
  },
};
