import type { Derivation, Step } from '@handgrad/gradcheck'
import { renderToString } from 'katex'
import { conditionInWords } from './conditions.ts'
import { derivationOf } from './derivations.ts'
import { type Fixed, sizeOf, specialCase } from './forms/case.ts'
import { type Form, type Forms, formsOf, meaningOf } from './forms/forms.ts'
import { hueOf } from './hues.ts'
import { type Links, namesOf } from './links.ts'
import { sizes } from './sizes.ts'
import { type Notation, symbolOf, termsOf, texOf } from './tex.ts'

/** One line as a page shows it. */
export interface Line {
  /** The equation as HTML; empty where another line says the same in this case. */
  readonly html: string
  /** The names in it, as the derivation writes them. */
  readonly names: readonly string[]
  readonly sameAs?: string
  /** When it holds, in words. */
  readonly when?: string
}

/** A letter of the equations. */
export interface Letter {
  readonly html: string
  readonly meaning: string
  /** Tensors have one: what lights up with them. */
  readonly term?: string
  readonly hue?: string
}

/** A derivation in one special case, as a page shows it. */
export interface Rendered {
  readonly name: string
  /** By the step's id; a step that does not apply has none. */
  readonly lines: Readonly<Record<string, Line>>
  /** By its name in the derivation. */
  readonly letters: Readonly<Record<string, Letter>>
}

// Inline, so that long equations break into lines.
const options = { displayMode: false, trust: true, strict: false, throwOnError: true } as const

const render = (tex: string): string => renderToString(tex, options)

function notationOf(derivation: Derivation<never>, links: Links): Notation {
  return {
    ...derivation,
    namesOf: (term) => namesOf(term, links),
    hueOf: (term) => hueOf(term, links),
  }
}

/** `Ho*Wo` as H_o·W_o. */
const extent = (text: string): string => text.replace(/\b([A-Z])([a-z])\b/g, '$1_$2').replaceAll('*', '·')

/** How far an index runs in a special case. */
const extentOf = (text: string, fixed: Fixed): string =>
  Object.keys(fixed).length === 0 ? text : sizeOf(text, fixed).toString().replaceAll(' ', '')

const namesIn = (equation: string): string[] => [...new Set(equation.match(/[A-Za-z]\w*/g) ?? [])]

function lettersOf(
  derivation: Derivation<never>,
  steps: readonly Step[],
  fixed: Fixed,
  links: Links,
): Record<string, Letter> {
  const notation = notationOf(derivation, links)
  const text = steps.map(({ equation }) => equation).join(' ')
  const terms = termsOf(text, derivation).map((term): [string, Letter] => [
    term,
    {
      html: render(symbolOf(term, notation)),
      meaning: meaningOf(term, derivation, fixed),
      term: namesOf(term, links),
      hue: hueOf(term, links),
    },
  ])
  const { units } = specialCase(derivation, fixed)
  const used = namesIn(text).filter((name) => !Object.hasOwn(derivation.symbols, name))
  const runs = used
    .filter((name) => Object.hasOwn(derivation.indices, name) && !units.has(name))
    .map((name): [string, Letter] => [
      name,
      {
        html: render(symbolOf(name, notation)),
        meaning: `counts from 0, below ${extent(extentOf(derivation.indices[name], fixed))}`,
      },
    ])
  const constants = used
    .filter((name) => Object.hasOwn(sizes, name) && !Object.hasOwn(derivation.indices, name))
    .map((name): [string, Letter] => [name, { html: render(symbolOf(name, notation)), meaning: sizes[name] }])
  return Object.fromEntries([...terms, ...runs, ...constants])
}

function rendered(
  derivation: Derivation<never>,
  steps: readonly (Step & Partial<Form>)[],
  level: { name: string; fixed: Fixed },
  links: Links,
): Rendered {
  const notation = notationOf(derivation, links)
  const lines = steps.map(({ id, equation, sameAs, when }): [string, Line] => [
    id,
    {
      html: sameAs === undefined ? render(`\\displaystyle ${texOf(equation, notation)}`) : '',
      names: sameAs === undefined ? namesIn(equation) : [],
      ...(sameAs === undefined ? {} : { sameAs }),
      ...(when === undefined ? {} : { when: conditionInWords(when) }),
    },
  ])
  return {
    name: level.name,
    lines: Object.fromEntries(lines),
    letters: lettersOf(derivation, steps, level.fixed, links),
  }
}

const known = new Map<string, readonly Rendered[]>()

/**
 * All cases that a page shows, the plainest first, the derivation as it is last.
 * @throws Error where a line is wrong in a case: the page must not be built.
 */
export function renderedCases(of: string, links: Links, forms?: Forms): readonly Rendered[] {
  const before = known.get(of)
  if (before !== undefined) return before
  const derivation = derivationOf(of) as Derivation<never>
  const levels = forms?.levels ?? [{ name: '', fixed: {} }]
  const made = levels.map((level) => {
    // The last one is what the tests evaluate; the others are evaluated here.
    const steps = level === levels.at(-1) ? derivation.steps : formsOf(derivation, forms!, level)
    return rendered(derivation, steps, level, links)
  })
  known.set(of, made)
  return made
}
