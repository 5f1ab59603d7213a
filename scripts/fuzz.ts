import { parseArgs } from 'node:util'
import { chalk, echo } from 'zx'
import { fuzz } from '../packages/trainer/src/programs/fuzz.proof.ts'
import { kinds } from '../packages/trainer/src/programs/kinds.proof.ts'
import { closePools, startPools } from '../packages/trainer/src/programs/pools.proof.ts'
import { branchTally } from './branches/tally.ts'

/**
 * Compares random networks on the kernels with float64, layer by layer, for so many minutes.
 *
 *     pnpm fuzz --minutes 10 [--seed 7]     a network is its number: the first has the seed's, which is the time unless told
 *
 * What it prints in the end: how many networks had which layer on which kernel, and the share of each kernel's branches that
 * every fourth of them took. A network that comes out wrong is made smaller and printed as code. Exits with 1 when there was one.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? Number.NaN)
const seed = Number(values.seed ?? Date.now() % 2 ** 31)
if (!(minutes >= 0) || !Number.isSafeInteger(seed)) {
  echo(
    `--minutes is ${values.minutes}, --seed is ${values.seed ?? 'not given'}; expected numbers: pnpm fuzz --minutes 10 --seed 7`,
  )
  process.exit(2)
}

echo(chalk.dim(`networks from number ${seed} on`))
const branches = await branchTally()
await startPools()
const end = performance.now() + minutes * 60_000
const { passed, failed } = fuzz({
  seed,
  until: () => performance.now() > end,
  tallies: [kinds(), branches],
  print: (line) => echo(line),
})
closePools()
echo(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
