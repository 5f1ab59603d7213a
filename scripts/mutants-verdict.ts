import type { Catch } from '../packages/gradcheck/src/node/index.ts'

/** The last lines of a hunt, and whether nothing survived: no mutant, and no changed line where lines were changed. */
export function verdictOf(
  catches: readonly Pick<Catch, 'views'>[],
  equations: { readonly changed: number; readonly named: number },
  kernelsOnly: boolean,
): { readonly lines: readonly string[]; readonly passed: boolean } {
  const caught = catches.filter(({ views }) => views.length > 0).length
  const { changed, named } = equations
  const share = (of: number, all: number): string => `${Math.floor((100 * of) / Math.max(1, all))} %`
  return {
    lines: [
      `equations: ${named} of ${changed} changed lines named (${share(named, changed)})`,
      `mutants: ${caught} of ${catches.length} caught (${share(caught, catches.length)})`,
    ],
    // A hunt that found nothing to hunt is no proof.
    passed: caught === catches.length && caught > 0 && (kernelsOnly || named === changed),
  }
}
