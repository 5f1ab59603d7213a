import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mlp } from '@handgrad/layers'
import { saveSafetensors } from '@handgrad/tensor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toOnnx } from '../onnx/write.ts'
import { inProcess } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

const cwd = mkdtempSync(join(tmpdir(), 'handgrad-'))
afterAll(() => rmSync(cwd, { recursive: true }))
beforeAll(() => {
  writeFiles(join(cwd, 'bars'), idxFiles(20))
  const net = mlp()
  writeFileSync(join(cwd, 'mlp.onnx'), toOnnx(net, { sampleShape: [1, 28, 28] }))
  net.parameters().at(-1).data[3] = Number.NaN
  writeFileSync(join(cwd, 'nan.safetensors'), saveSafetensors(net.stateDict(), { model: 'mlp' }))
})

test.each([
  ['eval nan.safetensors', 'the loss is NaN'],
  ['predict nan.safetensors 0', 'an output is NaN'],
  ['predict nan.safetensors 0 --json', 'an output is NaN'],
  ['explain nan.safetensors 0', 'an output is NaN'],
])('%s: weights that are not finite are said, and nothing is made of them', async (words, problem) => {
  const { code, out, err } = await inProcess(cwd, [...words.split(' '), '--data-dir', 'bars'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toBe(`error: ${problem}: a weight of the network is not finite, or too large\n`)
})

test('a model that is named for an ONNX file, which has its own', async () => {
  const { code, err } = await inProcess(cwd, 'eval mlp.onnx --model lenet5 --data-dir bars'.split(' '))
  expect([code, err]).toEqual([
    2,
    'error: --model does not go with mlp.onnx: an ONNX file is a network already\n',
  ])
})

test('a file of weights by another name is read as one, and called what it is', async () => {
  writeFileSync(join(cwd, 'w.pth'), Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(40)))
  const { code, err } = await inProcess(cwd, 'eval w.pth --model mlp --data-dir bars'.split(' '))
  expect(code).toBe(1)
  expect(err).toBe('error: w.pth: safetensors: the file is a zip archive: unpack it\n')
})
