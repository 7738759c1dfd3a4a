import { writeFileSync } from 'node:fs';
import { requiredOption, textOption, type Verb } from '../verb';
import { deploymentVerb } from './deployment-verb';

const marks = { pass: 'pass', fail: 'FAIL', 'not applicable': '-   ' } as const;

export const stackEvidenceVerb: Verb = {
  name: 'stack evidence',
  usage: '--stack NAME [--program DIR] [--html FILE] [--csv FILE] [--json]',
  summary:
    'Which controls (NCSC, CAF, SATRE, AWS) the resources of a stack keep, by what property of what resource; fails when one is not kept.',
  options: {
    stack: { type: 'string', value: 'NAME', help: 'the stack; its settings are read from Pulumi.NAME.yaml' },
    program: { type: 'string', value: 'DIR', help: 'folder of that file (default: this one)' },
    html: { type: 'string', value: 'FILE', help: 'write the report as a page' },
    csv: { type: 'string', value: 'FILE', help: 'write the report as a table' },
  },
  run: deploymentVerb(async ({ options, json, terminal }) => {
    const stack = requiredOption(options, 'stack');
    // Loaded when it is asked for: the packages of the clouds are no part of a lake on one machine.
    const { recordedStack } =
      require('../../../stacks/commands/recorded-stack') as typeof import('../../../stacks/commands/recorded-stack');
    const { guardedGraph } =
      require('../../../stacks/commands/guarded-stack') as typeof import('../../../stacks/commands/guarded-stack');
    const { evidenceOf } =
      require('../../../stacks/commands/evidence') as typeof import('../../../stacks/commands/evidence');
    const { evidenceCsv, evidenceHtml } =
      require('../../../stacks/commands/evidence-report') as typeof import('../../../stacks/commands/evidence-report');
    const controls = evidenceOf(guardedGraph(await recordedStack(stack, textOption(options, 'program'))));
    const [page, table] = [textOption(options, 'html'), textOption(options, 'csv')];
    if (page !== undefined) writeFileSync(page, evidenceHtml(stack, controls));
    if (table !== undefined) writeFileSync(table, evidenceCsv(controls));
    if (json) {
      // What other programs read has a fixed form; titles and what is wrong stand in the text, the page and the table.
      const told = controls.map(({ title: _title, findings: _findings, ...control }) => control);
      terminal.out(`${JSON.stringify({ controls: told })}\n`);
    } else
      for (const { id, title, result, resources, findings } of controls) {
        terminal.out(`${marks[result]} ${id.padEnd(42)} ${String(resources.length).padStart(4)}  ${title}\n`);
        for (const { resource, wrong } of findings) terminal.out(`       ${resource}: ${wrong}\n`);
      }
    return controls.some(({ result }) => result === 'fail') ? 1 : 0;
  }),
};
