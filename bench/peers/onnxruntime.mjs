import ort from 'onnxruntime-node'
import { networkOf } from '../../apps/cli/src/bench/networks.ts'
import { toOnnx } from '../../apps/cli/src/onnx/write.ts'
import { folder, inTurn, mnistBatches, serve } from './network.mjs'

await serve(async ({ network, batch, mode }, threads) => {
  if (mode !== 'infer') throw new Error('onnxruntime-node only infers')
  const model = toOnnx(networkOf(network), { sampleShape: [1, 28, 28] })
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    freeDimensionOverrides: { N: batch },
  })
  const [name] = session.inputNames
  const next = inTurn(
    mnistBatches(folder, batch).map(({ x }) => new ort.Tensor('float32', x, [batch, 1, 28, 28])),
  )
  return async () => {
    await session.run({ [name]: next() })
  }
})
