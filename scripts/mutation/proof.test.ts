import { describe, expect, test } from 'vitest'
import { judgeProof, proofFiles } from './judge-proof.ts'
import { root } from './sources.ts'

describe('the proof itself', () => {
  test.each(['fixtures/relu/golden.safetensors', 'fixtures/sgd/golden.safetensors'])(
    'notices any number of %s that is another',
    async (file) => {
      const { judged } = await judgeProof(root, { file, count: 60, seed: 3 })
      expect(judged).toHaveLength(60)
      expect(judged.filter(({ outcome }) => outcome.kind !== 'caught').map(({ change }) => change)).toEqual(
        [],
      )
      const messages = judged.map(({ outcome }) => (outcome.kind === 'caught' ? outcome.message : ''))
      for (const words of ['float32 on reference', "torch's own float32"])
        expect(messages.some((message) => message.includes(words))).toBe(true)
    },
  )

  test('names a changed line of a derivation', async () => {
    const { all, judged } = await judgeProof(root, {
      file: 'packages/layers/src/relu/derivation.ts',
      count: 5,
      seed: 1,
    })
    expect(judged.length).toBeGreaterThanOrEqual(Math.min(5, all))
    expect(judged.filter(({ outcome }) => outcome.kind !== 'caught')).toEqual([])
  })

  test('is found for every layer', () => {
    expect(proofFiles('').length).toBeGreaterThanOrEqual(20)
    expect(proofFiles('packages/layers/src/relu')).toEqual(['packages/layers/src/relu/derivation.ts'])
  })
})
