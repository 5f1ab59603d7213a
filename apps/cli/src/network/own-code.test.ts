import { Flatten, Linear, ReLU, Sequential } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { toOnnx } from '../onnx/write.ts'
import { networkSource } from '../torch/describe.ts'
import { ownCodeIn } from './own-code.ts'

class Negated extends ReLU {
  protected override compute(x: Tensor): ReturnType<ReLU['compute']> {
    const found = super.compute(x)
    found.y.data.set(x.data.map((value) => -value))
    return found
  }
}

class Doubled extends Sequential {
  override forward(x: Tensor): Tensor {
    const y = super.forward(x)
    y.data.set(y.data.map((value) => 2 * value))
    return y
  }
}

/** Another name, and the same mathematics. */
class Named extends ReLU {}

const [flat, linear] = [(): Flatten => new Flatten(), (): Linear => new Linear(784, 10)]
const options = { sampleShape: [1, 28, 28] }

describe('a network with code of its own', () => {
  it.each<[string, Sequential, string]>([
    ['a layer', new Sequential(flat(), linear(), new Negated()), 'ReLU()'],
    ['a layer in a container', new Sequential(new Sequential(flat(), new Negated()), linear()), 'ReLU()'],
    ['the network itself', new Doubled(flat(), linear()), 'Sequential'],
    ['a container', new Sequential(new Doubled(flat(), linear())), 'Sequential'],
  ])('%s: is not written for others as if it had none', (_, net, name) => {
    expect(ownCodeIn(net)!.describe()).toContain(name)
    expect(() => toOnnx(net, options)).toThrow(/computes by code of its own, for which there is no operator$/)
    expect(() => networkSource(net, '')).toThrow(/computes by code of its own, and cannot be exported$/)
  })

  it('one without is', () => {
    const net = new Sequential(new Sequential(flat(), new Named()), linear())
    expect(ownCodeIn(net)).toBeNull()
    expect(toOnnx(net, options).length).toBeGreaterThan(0)
  })
})
