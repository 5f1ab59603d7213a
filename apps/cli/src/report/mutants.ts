import type { MutantReport } from '@handgrad/gradcheck'
import { type FoundSpec, hunt } from '@handgrad/gradcheck/node'

/** Cases that every view looks at after the first notice, to see which of them notice too. */
const MORE = 6

/** Injects every mutant of a spec's textbook code, one at a time; those of kernels are for `pnpm mutants`. */
export async function huntAll({ place, spec }: FoundSpec, root: URL): Promise<MutantReport[]> {
  const rows: MutantReport[] = []
  for (const mutant of spec.mutants.filter(({ kernel }) => kernel !== true)) {
    rows.push(await hunt(place, spec, mutant, root, { backend: 'reference', more: MORE }))
  }
  return rows
}
