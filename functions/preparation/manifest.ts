import { defineManifest, key, onRequest } from '../manifest';

/** Makes databases, roles and the first pseudonym key, as whoever deploys a lake: beside this it holds a first user's login. */
export const preparationManifest = defineManifest({
  name: 'prepare',
  trigger: onRequest(),
  uses: { pseudonymKey: key('pseudonym', ['generateDataKey']) },
});

/** The same of the identity zone: nothing outside of it comes to its database, not even once. */
export const identityPreparationManifest = defineManifest({
  name: 'identity-prepare',
  trigger: onRequest(),
  uses: {},
});
