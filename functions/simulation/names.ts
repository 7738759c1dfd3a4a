const list = (text: string): readonly string[] => text.split(' ');

/** Common names of several communities of the region; family and given names are drawn apart, so no pair means anybody. */
export const girlsNames = list(
  'Olivia Amelia Isla Ava Grace Freya Sophie Emily Chloe Hannah Rachel Laura Emma Sarah Claire Nicola Karen Susan Linda Margaret Jean Dorothy Joyce Amina Fatima Aisha Hodan Priya Anjali Mei Katarzyna Agnieszka Ewa Chidinma Abena Siân',
);
export const boysNames = list(
  'Oliver George Noah Arthur Harry Jack Thomas James Daniel Matthew Andrew Mark Paul Stephen Ian Kevin Alan Brian Roy Ronald Dennis Mohammed Yusuf Abdi Hassan Arjun Ravi Wei Piotr Tomasz Marek Emeka Kwame Owen Rhys Séamus',
);
export const familyNames = list(
  "Smith Jones Williams Brown Taylor Davies Evans Thomas Johnson Roberts Walker Wright Robinson Hughes Edwards Green Hall Wood Harris Clarke Cooper Ward Turner Carter Phillips Mitchell Khan Ahmed Ali Hussain Patel Singh Begum Nowak Kowalska O'Connor Okafor Mensah Campbell Grant Abdi Chen",
);
export const streets = list(
  'Acacia Beech Cedar Damson Elder Fuchsia Gorse Heather Ivy Juniper Laurel Maple Nettle Osier Poplar Quince Rowan Sycamore Tansy Willow',
);
export const streetKinds = ['Road', 'Street', 'Close', 'Avenue', 'Lane', 'Gardens'] as const;
export const staffNames = list(
  'Ashby Bright Culver Denholm Eastgate Farrow Gorringe Hallam Ibbotson Jessop Kettle Lamb',
);
