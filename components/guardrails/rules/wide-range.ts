/** A range that is as good as everywhere: shorter than any site's, so that two halves of it are no better than the whole. */
export const isEverywhere = (cidr: string): boolean => {
  const [address = '', length = ''] = cidr.split('/');
  return Number(length) < (address.includes(':') ? 9 : 8);
};
