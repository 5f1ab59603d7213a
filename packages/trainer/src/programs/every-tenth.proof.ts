import { codeOf } from './code.proof.ts'
import { compareNetwork } from './compare.proof.ts'
import { fixedSeeds } from './fixed.proof.ts'
import { networkOf } from './networks.proof.ts'
import { closePools } from './pools.proof.ts'

/**
 * Compares every tenth of the fixed networks in this process, which was started with V8's flags, and prints what is wrong:
 * turbo.test.ts runs it.
 */
const networks = fixedSeeds.filter((_, i) => i % 10 === 0).map(networkOf)
const wrong = networks.flatMap((network) => {
  const difference = compareNetwork(network, { threads: [1] })
  return difference === null ? [] : [`${codeOf(network)}\n${difference.way}: ${difference.message}`]
})
closePools()
console.log(JSON.stringify({ compared: networks.length, wrong }))
