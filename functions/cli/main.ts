import { failureText } from './failure-text';
import { whileWaiting } from './progress';
import { helpOf, readCall, type Terminal, UsageError, type Verb } from './verb';
import { auditExportVerb, auditVerifyVerb } from './verbs/audit';
import { compactVerb } from './verbs/compact';
import { curateVerb } from './verbs/curate';
import { doctorVerb } from './verbs/doctor';
import { eraseCertificatesVerb, eraseVerb, eraseVerifyVerb } from './verbs/erase';
import { extractVerb } from './verbs/extract';
import { quarantineExplainVerb, quarantineListVerb, quarantineReplayVerb } from './verbs/identity';
import { linkVerb, supersedeVerb, unlinkVerb } from './verbs/identity-links';
import { jobsVerb } from './verbs/jobs';
import { martsBuildVerb, martsListVerb } from './verbs/marts';
import { messageReportVerb } from './verbs/message-report';
import { optOutAskVerb, optOutLoadVerb, optOutStatusVerb } from './verbs/opt-out';
import {
  providerDisableVerb,
  providerEnableVerb,
  providerKeyVerb,
  providerListVerb,
  providerRegisterVerb,
  providerRetireKeyVerb,
  providerRotateKeyVerb,
} from './verbs/provider';
import { redriveVerb } from './verbs/redrive';
import {
  operatorAddVerb,
  projectCreateVerb,
  reidentifyApproveVerb,
  reidentifyListVerb,
  reidentifyRequestVerb,
  reidentifyRevealVerb,
} from './verbs/reidentify';
import { resplitVerb } from './verbs/resplit';
import {
  retentionHoldsVerb,
  retentionHoldVerb,
  retentionReleaseVerb,
  retentionReportVerb,
  retentionRunVerb,
} from './verbs/retention';
import { rotateKeyVerb } from './verbs/rotate-key';
import { sendVerb } from './verbs/send';
import { simulateVerb } from './verbs/simulate';
import { sqlVerb } from './verbs/sql';
import { stackCostVerb } from './verbs/stack-cost';
import { stackEvidenceVerb } from './verbs/stack-evidence';
import { stackLockVerb } from './verbs/stack-lock';
import { statusVerb } from './verbs/status';
import { tokenVerb } from './verbs/token';
import { exportVerb, importVerb } from './verbs/transfer';
import { upVerb } from './verbs/up';
import { validateVerb } from './verbs/validate';
import { viewRunVerb } from './verbs/view';

export const verbs: readonly Verb[] = [
  upVerb,
  statusVerb,
  doctorVerb,
  providerRegisterVerb,
  providerListVerb,
  providerDisableVerb,
  providerEnableVerb,
  providerRotateKeyVerb,
  providerRetireKeyVerb,
  providerKeyVerb,
  tokenVerb,
  sendVerb,
  simulateVerb,
  validateVerb,
  curateVerb,
  compactVerb,
  martsBuildVerb,
  martsListVerb,
  extractVerb,
  jobsVerb,
  redriveVerb,
  sqlVerb,
  viewRunVerb,
  exportVerb,
  importVerb,
  eraseCertificatesVerb,
  eraseVerifyVerb,
  eraseVerb,
  retentionReportVerb,
  retentionRunVerb,
  retentionHoldsVerb,
  retentionHoldVerb,
  retentionReleaseVerb,
  quarantineListVerb,
  quarantineExplainVerb,
  quarantineReplayVerb,
  resplitVerb,
  linkVerb,
  unlinkVerb,
  supersedeVerb,
  optOutAskVerb,
  messageReportVerb,
  rotateKeyVerb,
  optOutLoadVerb,
  optOutStatusVerb,
  projectCreateVerb,
  operatorAddVerb,
  reidentifyRequestVerb,
  reidentifyApproveVerb,
  reidentifyRevealVerb,
  reidentifyListVerb,
  auditVerifyVerb,
  auditExportVerb,
  stackEvidenceVerb,
  stackCostVerb,
  stackLockVerb,
];

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
};

const overview = (some: readonly Verb[]): string =>
  `lake VERB [options]\n\n${some.map(({ name, summary }) => `  ${name.padEnd(28)} ${summary.split('\n', 1)[0]}`).join('\n')}\n\nlake VERB --help tells more.\n`;

/** Runs one command; gives the exit code: 0 done, 1 refused or failed, 2 usage. */
export async function runCommand(args: readonly string[], on: Terminal): Promise<number> {
  const verb = verbs.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
  if (verb === undefined) {
    const [first = '--help', ...rest] = args;
    const group = verbs.filter(({ name }) => name.split(' ')[0] === first);
    const asked = group.length > 0 ? rest.includes('--help') : first === '--help' || first === 'help';
    (asked ? on.out : on.error)(overview(group.length > 0 ? group : verbs));
    // Last, where it is seen: the list is long.
    if (!asked && (group.length === 0 || rest.length > 0))
      on.error('\nThere is no such verb: above are those there are.\n');
    return asked ? 0 : 2;
  }
  try {
    const { positionals, options } = readCall(verb, args.slice(verb.name.split(' ').length));
    if (options.help === true) {
      on.out(helpOf(verb));
      return 0;
    }
    const run = (): Promise<number> => verb.run({ positionals, options, json: options.json === true, terminal: on });
    return await (verb.long === true ? whileWaiting(on, run) : run());
  } catch (error) {
    if (error instanceof UsageError) {
      on.error(`${error.message}\n\n${helpOf(verb)}`);
      return 2;
    }
    const said = failureText(error);
    if (said === undefined) throw error;
    on.error(`${said}\n`);
    return 1;
  }
}

export function main(args: readonly string[]): void {
  runCommand(args, terminal).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(
        `lake failed: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown reason'}\n`,
      );
      process.exitCode = 1;
    },
  );
}
