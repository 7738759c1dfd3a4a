import { defineManifest, key, onRequest } from '../manifest';

/** Makes databases, roles and the first pseudonym key, as whoever deploys a lake: beside this it holds a first user's login. */
export const preparationManifest = defineManifest({
  name: 'prepare',
  trigger: onRequest(),
  uses: { pseudonymKey: key('pseudonym', ['generateDataKey']) },
});
