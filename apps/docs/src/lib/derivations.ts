import type { Derivation, Step } from '@handgrad/gradcheck'
import type { Links } from './links.ts'

const modules = import.meta.glob<{ derivation: Derivation }>('../../../../packages/*/src/*/derivation.ts', {
  eager: true,
})

/**
 * The derivation of `layers/conv2d`, say.
 * @throws Error when there is none: a page without its derivation must not be built.
 */
export function derivationOf(name: string): Derivation {
  const [pkg, folder] = name.split('/')
  const found = modules[`../../../../packages/${pkg}/src/${folder}/derivation.ts`]
  if (found === undefined)
    throw new Error(`packages/${pkg}/src/${folder} has no derivation.ts: a page renders it`)
  return found.derivation
}

/** @throws Error where a page's parts, or its links to code, name a step that is gone, or its parts leave one out. */
function checkSteps(name: string, steps: readonly Step[], { parts, steps: linked = {} }: Links): void {
  const ids = steps.map(({ id }) => id)
  const shown = Object.values(parts ?? { all: ids }).flat()
  const gone = [...shown, ...Object.keys(linked)].filter((id) => !ids.includes(id))
  const missing = ids.filter((id) => !shown.includes(id))
  if (gone.length + missing.length === 0) return
  throw new Error(
    `the page of ${name} names steps that are gone [${gone.join()}], or leaves some out [${missing.join()}]`,
  )
}

/** The steps of one part of a page, or all of them. */
export function stepsOf(name: string, links: Links, part?: string): readonly Step[] {
  const { steps } = derivationOf(name)
  checkSteps(name, steps, links)
  const chosen = part === undefined ? steps.map(({ id }) => id) : links.parts![part]
  return chosen.map((id) => steps.find((step) => step.id === id)!)
}
