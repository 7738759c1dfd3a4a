/** Units as people write them where UCUM was meant, in lower case; a word that is not listed is dropped and counted. */
export const unitWords: ReadonlySet<string> = new Set(
  `mmhg|mm hg|millimeter of mercury|millimetre of mercury|millimetres of mercury|beats/min|beats per minute|heart beats per minute|bpm|
breaths/min|breaths per minute|breaths / minute|per minute|per day|second|seconds|minute|minutes|hour|hours|day|days|week|weeks|month|months|
year|years|yr|yrs|sec|secs|mins|hr|hrs|wks|percent|percentage|degree celsius|degrees celsius|degrees c|deg c|celsius|fahrenheit|
gram|grams|gm|kilogram|kilograms|kgs|milligram|milligrams|microgram|micrograms|mcg|nanogram|nanograms|litre|litres|liter|liters|millilitre|
millilitres|milliliter|milliliters|ml|mls|metre|metres|meter|meters|centimetre|centimetres|centimeter|centimeters|cms|millimetre|millimetres|
millimeter|millimeters|inch|inches|foot|feet|stone|pound|pounds|lb|lbs|ounce|ounces|mmol|millimole|millimoles|mmol/l|umol/l|nmol/l|pmol/l|
millimoles per litre|milliliter per hour|millilitre per hour|litre per minute|litres per minute|mg/dl|g/dl|iu|iu/l|miu/l|u/l|unit|units|international unit|
international units|tablet|tablets|capsule|capsules|caplet|puff|puffs|spray|sprays|dose|doses|drop|drops|patch|patches|sachet|sachets|ampoule|
ampoules|vial|vials|bottle|bottles|tube|tubes|pack|packs|box|boxes|bag|bags|enema|suppository|suppositories|pessary|pessaries|inhaler|inhalers|
syringe|syringes|cartridge|cartridges|pen|pens|plaster|plasters|lozenge|lozenges|spoonful|application|applications|device|devices|
pre-filled disposable injection|actuation|actuations|blister|blisters|score|points|ratio|count|number|times|steps|pack years|pack-years|
cigarettes/day|cigarettes per day|units/week|units per week|kg/m2|kg/m^2|kilogram / (meter ^ 2)|g/l|mg/l|ug/l|ng/ml|pg/ml|cells/ul|x10*9/l|x10*12/l|
10^9/l|10^12/l|x10^9/l|x10^12/l|mm/h|mm/hr|l/min|ml/min|ml/min/1.73m2|ml/min/1.73m^2`
    .replace(/\n/g, '')
    .split('|'),
);
