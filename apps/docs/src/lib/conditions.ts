/** What the conditions of derivations mean: a reader does not know the names of flags. */
const meanings: Readonly<Record<string, string>> = {
  'groups == 1': 'with a single group',
  'nan == 0': 'if no number is NaN',
  'top < 700': 'as long as no exponential overflows (in float64 that is up to a logit of 709)',
  'classes == 1': 'if the target is a class',
  'classes == 0': 'if the target is a probability for each class',
  'classes == 1 and mean == 1': 'if the target is a class, and the mean is taken',
  'classes == 0 and mean == 1': 'if the target is a probability for each class, and the mean is taken',
  'mean == 0': 'if the losses are summed, or kept',
  'single == 1': 'if the losses become one number',
  'single == 0': 'if each sample keeps its loss',
  'plain == 1': 'for plain classes: no class weights, no smoothing, nothing ignored, the mean',
  'skips == 0': 'if every parameter has a gradient at every step',
}

/** @throws Error for a condition without words: a page must not show a flag. */
export function conditionInWords(when: string): string {
  const words = meanings[when]
  if (words === undefined) throw new Error(`'${when}' has no words in lib/conditions.ts: a page shows it`)
  return words
}
