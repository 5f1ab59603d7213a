import type { Notation } from './tex.ts'

/** One line of a derivation, as its `derivation.ts` states it. */
export interface Step {
  readonly id: string
  readonly equation: string
  readonly because: string
  readonly when?: string
  readonly form?: 'matrix'
}

export interface Derivation extends Notation {
  readonly steps: readonly Step[]
}

const modules = import.meta.glob<{ derivation: Derivation }>('../../../../packages/*/src/*/derivation.ts', { eager: true })

/**
 * The derivation of `layers/conv2d`, say.
 * @throws Error when there is none: a page without its derivation must not be built.
 */
export function derivationOf(name: string): Derivation {
  const [pkg, folder] = name.split('/')
  const found = modules[`../../../../packages/${pkg}/src/${folder}/derivation.ts`]
  if (found === undefined) throw new Error(`packages/${pkg}/src/${folder} has no derivation.ts: a page renders it`)
  return found.derivation
}

/**
 * The steps of one part of a page, or all of them.
 * @throws Error when the parts name a step that is gone, or leave one out.
 */
export function stepsOf(name: string, parts: Readonly<Record<string, readonly string[]>>, part?: string): readonly Step[] {
  const { steps } = derivationOf(name)
  if (part === undefined) return steps
  const shown = Object.values(parts).flat()
  const gone = shown.filter((id) => !steps.some((step) => step.id === id))
  const missing = steps.filter(({ id }) => !shown.includes(id)).map(({ id }) => id)
  if (gone.length > 0 || missing.length > 0) {
    throw new Error(`the page of ${name} shows steps that are gone (${gone.join(', ')}) or leaves some out (${missing.join(', ')})`)
  }
  return parts[part]!.map((id) => steps.find((step) => step.id === id)!)
}
