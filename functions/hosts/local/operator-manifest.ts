import { jobStore } from '../../jobs/job-queue';
import { defineManifest, onRequest, state } from '../../manifest';
import { providerRegisterStore } from '../../provider-access/provider-register';

/** What the operator of one machine touches directly; everything else goes through the functions. */
export const operatorManifest = defineManifest({
  name: 'operator',
  trigger: onRequest(),
  uses: {
    register: state(providerRegisterStore, ['register', 'list', 'disable', 'enable', 'rotateKey', 'retireKey']),
    jobs: state(jobStore, [
      'claim',
      'heartbeat',
      'complete',
      'fail',
      'release',
      'abandon',
      'declare',
      'tick',
      'list',
      'counts',
      'notices',
    ]),
  },
});
