import type { Links } from './links.ts'

/** The colours that symbols have, as `--hue-…` of site.css; symbols that are kin (logits and their largest) share one. */
const hues: Readonly<Record<string, string>> = {
  x: 'x',
  w: 'w',
  W: 'w',
  wt: 'w',
  b: 'b',
  y: 'y',
  z: 'z',
  m: 'z',
  g: 'z',
  p: 'p',
  lp: 'p',
  s: 'p',
  k: 'q',
  q: 'q',
  r: 'q',
  v: 'q',
  l: 'l',
  L: 'l',
  fl: 'l',
  d: 'l',
}

/** The colour of a term: a gradient has that of its value, the weights of all layers have the same. */
export function hueOf(term: string, { same = {} }: Pick<Links, 'same'> = {}): string {
  const alias = Object.hasOwn(same, term) ? same[term] : term
  const value = alias.length > 1 && alias.startsWith('d') ? alias.slice(1) : alias
  const family = value.replace(/\d$/, '')
  return hues[family] ?? 'other'
}
