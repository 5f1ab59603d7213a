import ort from 'onnxruntime-node'
import { folder, inTurn, layersOf, mnistBatches, serve } from './network.mjs'
import { modelOf } from './onnx.mjs'

await serve(async ({ network, batch, mode }, threads) => {
  if (mode !== 'infer') throw new Error('onnxruntime-node only infers')
  const session = await ort.InferenceSession.create(modelOf(layersOf(network), batch), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  })
  const next = inTurn(
    mnistBatches(folder, batch).map(({ x }) => new ort.Tensor('float32', x, [batch, 1, 28, 28])),
  )
  return async () => {
    await session.run({ x: next() })
  }
})
