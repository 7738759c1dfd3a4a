/** Forms in which the settings of a stack say where a server of the site is. */
export const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
/** Of /8 or longer: a shorter prefix is no place of a site (components/guardrails refuses it in a network policy). */
export const cidr =
  /^([0-9]{1,3}(\.[0-9]{1,3}){3}\/([89]|[12]\d|3[0-2])|[0-9a-fA-F:]+\/([89]|[1-9]\d|1[01]\d|12[0-8]))$/;
export const origin = /^https?:\/\/[a-zA-Z0-9.-]+(:[0-9]{1,5})?$/;
/** Of a Secret or another object, as NAMESPACE/NAME. */
export const inNamespace = /^[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/;
