/**
 * Is this text a unit of UCUM (unitsofmeasure.org, version 2.1, case sensitive form)? Atoms and prefixes of health care are
 * listed; annotations in braces may hold any text in UCUM, so only the listed ones pass here.
 */
const metricAtoms =
  "m g s K cd C rad mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc kat U Bi Gb Oe G Mx Ky ph Lmb P St R RAD REM Ci cal [Cal] cal_th cal_IT B Np bit By Bd m[H2O] m[Hg] osm eq Eq dyn erg st tex g% [iU] [IU] Osm [arb'U] [USP'U] [anti'Xa'U] [kn'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [todd'U] [mclg'U] [ka'U] [dye'U] [smgy'U] [bdsk'U] [D'ag'U] [FEU] [ELU] [EU] [hnsf'U] [Ch]";
const plainAtoms =
  "% [ppth] [ppm] [ppb] [pptr] min h d a a_t a_j a_g wk mo mo_s mo_j mo_g deg ' '' [pi] 10* 10^ gon [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [cin_i] [in_us] [ft_us] [lb_av] [oz_av] [gr] [dr_av] [stone_av] [lb_tr] [oz_tr] [lb_ap] [oz_ap] [sc_ap] [gal_us] [qt_us] [pt_us] [foz_us] [fdr_us] [min_us] [gal_br] [pt_br] [foz_br] [qt_br] [cup_us] [tbs_us] [tsp_us] [cup_m] [tbs_m] [tsp_m] [foz_m] [drp] [pH] [diop] [p'diop] [mesh_i] [HP] [hp] [degF] [degR] [degRe] [psi] [Btu] [in_i'Hg] [in_i'H2O] [HPF] [LPF] [CFU] [PFU] [TCID_50] [CCID_50] [EID_50] [FFU] [Amb'a'1'U] [S] [MET] [PRU] [wood'U] [car_Au] [car_m] [smoot] [hd_i] [acr_br] [acr_us] [rd_br] [pr] [den] [BAU] [AU] [bu_us] [hnsf'U] [hp_X] [hp_C] [mil_i] [pied] [pouce]";

/** Annotations met in laboratory and nursing results; data, extended here and nowhere else. */
const annotations = new Set(
  'score scoreof t-score z-score 1.73_m2 beat beats breath breaths rbc wbc cell cells cfu copies count creat creatinine dose drop drops egfr eia ev fl fraction gfr hb hpf index inr ratio log_copies lpf mm nominal od percent platelets puff puffs rbcs s_co ru sd step steps tablet tablets tbl titer total capsule capsules unit units volume wbcs week number #'.split(
    ' ',
  ),
);

const prefixes = 'da Ki Mi Gi Ti Y Z E P T G M k h d c m u n p f a z y'.split(' ');

const plain = new Set(plainAtoms.split(' '));
const metric = new Set(metricAtoms.split(' '));

const isAtom = (text: string): boolean =>
  plain.has(text) ||
  metric.has(text) ||
  prefixes.some((prefix) => text.startsWith(prefix) && metric.has(text.slice(prefix.length)));

// A component: number, 10* with exponent, atom with exponent, annotation; components are joined by . or / and grouped.
const component =
  /\{([^{}]{1,12})\}|\[[A-Za-z0-9_']{1,12}\]|[a-zA-Z%'_]+(?:\[[A-Za-z0-9_']{1,12}\])?|10[*^]|[0-9]{1,6}/y;

export function isUcumUnit(text: string): boolean {
  if (text.length === 0 || text.length > 40) return false;
  return readTerm(text, text.startsWith('/') ? 1 : 0, 0) === text.length;
}

/** Reads `part ([./] part)*` from `at`; gives where it ended, or -1. */
function readTerm(text: string, at: number, depth: number): number {
  let position = at;
  for (;;) {
    if (text[position] === '(') {
      if (depth > 3) return -1;
      position = readTerm(text, position + 1, depth + 1);
      if (position < 0 || text[position] !== ')') return -1;
      position = readExponent(text, position + 1);
    } else {
      position = readPart(text, position);
      if (position < 0) return -1;
    }
    if (text[position] !== '.' && text[position] !== '/') return position;
    position += 1;
  }
}

function readPart(text: string, at: number): number {
  component.lastIndex = at;
  const match = component.exec(text);
  if (match === null) return -1;
  let end = component.lastIndex;
  if (match[1] !== undefined) return annotations.has(match[1].toLowerCase()) ? end : -1;
  const isNumber = /^[0-9]+$/.test(match[0]);
  if (!isNumber && !isAtom(match[0])) return -1;
  if (!isNumber) end = readExponent(text, end);
  if (text[end] !== '{') return end;
  component.lastIndex = end;
  const note = component.exec(text)?.[1];
  return note !== undefined && annotations.has(note.toLowerCase()) ? component.lastIndex : -1;
}

function readExponent(text: string, at: number): number {
  const exponent = /[+-]?[0-9]{1,2}/y;
  exponent.lastIndex = at;
  return exponent.test(text) ? exponent.lastIndex : at;
}
