import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hunt } from '../../node/index.ts'
import { affineFixture } from '../bench.ts'
import { writeFixture } from '../fixture-files.ts'
import { spec } from './spec.ts'

/** Hunts mutants of this folder in a process of their own, where modules can be replaced as they load; prints the catches. */
const root = new URL('../../../../../', import.meta.url)
const [, , folder] = process.argv
writeFixture(folder, affineFixture(spec))
const place = {
  source: 'packages/gradcheck/src/test/hunted',
  fixtures: relative(fileURLToPath(root), folder),
}
const layers = 'packages/gradcheck/src/test/layers.ts'
const dw = 'dw.data[o * I + i] += g * x.data[n * I + i]'
const mutants = [
  { name: 'sign of dw', file: layers, find: dw, replace: dw.replace('+=', '-=') },
  { name: 'nothing', file: layers, find: 'const g = dy', replace: 'const g = 0 + dy' },
  { name: 'assigned', file: layers, find: 't.g === null', replace: 't.g !== undefined' },
  {
    name: 'accepted',
    file: `${place.source}/spec.ts`,
    find: "throw new RangeError('Affine: 3 is odd')",
    replace: 'args.length = 0',
  },
  { name: 'gone', file: layers, find: 'no such text', replace: '' },
]
const modules = { [`${place.source}/limit.ts`]: 'export const limit = -1' }
for (const mutant of mutants) {
  const options = { backend: 'reference', more: mutant.name === 'sign of dw' ? 1 : 0 } as const
  const found = await hunt(place, spec, mutant, root, options).catch((error: Error) => error.message)
  console.log(JSON.stringify(found))
}
const nothing = { ...mutants[1], name: 'generated' }
console.log(
  JSON.stringify(await hunt(place, spec, nothing, root, { backend: 'reference', more: 0, modules })),
)
const namesake = { ...mutants[0], name: 'nothing' }
console.log(JSON.stringify(await hunt(place, spec, namesake, root, { backend: 'reference', more: 0 })))
