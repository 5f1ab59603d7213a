import { Dropout, Flatten, type Layer, Linear, Sequential } from '@handgrad/layers'
import { Adam, CrossEntropyLoss, OneCycleLR, type Optimizer, SGD } from '@handgrad/loss-optim'
import { backends, defaultGenerator, manualSeed, Tensor, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import { plannedStepper } from './planned/stepper.ts'
import { localStepper } from './stepper.ts'
import { Draws, H, W } from './test/by-hand/draws.ts'
import { computeBatch, type Image, type Linear as Weights } from './test/by-hand/network.ts'
import { adam, oneCycle, sgd, type Trained } from './test/by-hand/rules.ts'
import { noise, roughly, values } from './test/by-hand/setting.ts'

afterEach(() => useBackend('simd'))

/** Three batches, the last one short. */
const batches = [noise(4, 1), noise(4, 2), noise(1, 3)]
const STEPS = 2 * batches.length

function tensors(images: readonly Image[]): [x: Tensor, y: Tensor<'int32'>] {
  const x = Float32Array.from(images.flatMap(({ pixels }) => pixels))
  const y = Int32Array.from(images, ({ label }) => label)
  const shaped: Tensor = new Tensor<'float32'>(x, [images.length, 1, H, W])
  return [shaped, new Tensor<'int32'>(y, [images.length])]
}

/** Every network, criterion and rule of these tests, anew. */
function setting(rule: 'sgd' | 'adam', layers: readonly Layer[] = []) {
  const net = new Sequential(new Flatten(), ...layers, new Linear(H * W, 3))
  const parameters = net.parameters()
  const optimizer: Optimizer<{ lr: number }> =
    rule === 'adam' ? new Adam(parameters, { lr: 0.1 }) : new SGD(parameters, { lr: 0.1, momentum: 0.9 })
  const schedule = new OneCycleLR(optimizer, 0.2, { epochs: 2, stepsPerEpoch: batches.length })
  return { net, optimizer, schedule }
}

const steppers = {
  localStepper: (net: Sequential) => localStepper(net, new CrossEntropyLoss()),
  plannedStepper: (net: Sequential) => plannedStepper(net, new CrossEntropyLoss(), 1),
}

/** The same steps by hand: the rate rises to 0.2 and falls, and the momentum goes the other way. */
function* byHand(rule: 'sgd' | 'adam', draws: Draws) {
  const { weight, bias } = draws.linear(H * W, 3)
  const parameters: Trained[][] = [weight.flat(), bias].map((all) => all.map((value) => ({ value })))
  const net = (): Weights => ({
    weight: [0, 1, 2].map((k) => parameters[0].slice(k * H * W, (k + 1) * H * W).map(({ value }) => value)),
    bias: parameters[1].map(({ value }) => value),
  })
  for (let step = 0; step < STEPS; step++) {
    const images = batches[step % batches.length]
    const { loss, predicted, gradient } = computeBatch(net(), images)
    const g = [gradient.weight.flat(), gradient.bias]
    const lr = oneCycle(step, STEPS, 0.2 / 25, 0.2, 0.2 / 25 / 1e4)
    const momentum = oneCycle(step, STEPS, 0.95, 0.85, 0.95)
    for (const [i, all] of parameters.entries()) {
      for (const [j, p] of all.entries()) {
        if (rule === 'sgd') sgd(p, g[i][j], lr, momentum)
        else adam(p, g[i][j], lr, step + 1, momentum)
      }
    }
    const held = computeBatch(net(), batches[0])
    const { weight: w, bias: b } = net()
    yield {
      lr,
      ...(rule === 'sgd' ? { momentum } : { betas: [momentum, 0.999] }),
      loss: loss / images.length,
      predicted,
      gradients: g,
      parameters: [w.flat(), b],
      held: { loss: held.loss / 4, predicted: held.predicted },
    }
  }
}

const rows = (all: readonly Tensor[]): number[][] => all.map(({ data }) => [...data])

describe.each([...backends()])('on %s', (backend) => {
  describe.each(Object.entries(steppers))('%s', (_, make) => {
    test.each(['sgd', 'adam'] as const)(
      '%s with a cycle of rate and momentum: every step by hand',
      (rule) => {
        useBackend(backend)
        manualSeed(11)
        const { net, optimizer, schedule } = setting(rule)
        const stepper = make(net)
        let step = 0
        for (const hand of byHand(rule, new Draws(11))) {
          const [x, y] = tensors(batches[step++ % batches.length])
          const { lr, momentum, betas } = optimizer.options as Record<string, unknown>
          const { loss, predicted } = stepper.train(x, y)
          const came = {
            lr,
            loss,
            predicted: [...predicted],
            gradients: rows(net.parameters().map(({ g }) => g!)),
          }
          optimizer.step()
          schedule.step()
          const held = stepper.evaluate(...tensors(batches[0]))
          expect({
            ...came,
            ...(rule === 'sgd' ? { momentum } : { betas }),
            parameters: rows(net.parameters()),
            held: { loss: held.loss, predicted: [...held.predicted] },
          }).toEqual(roughly(hand))
        }
        expect(step).toBe(STEPS)
      },
    )

    test('networks, optimizers and schedules go on from their state dicts alone', () => {
      useBackend(backend)
      manualSeed(12)
      const hand = [...byHand('sgd', new Draws(12))]
      let { net, optimizer, schedule } = setting('sgd')
      for (let step = 0; step < STEPS; step++) {
        const { loss } = make(net).train(...tensors(batches[step % batches.length]))
        expect(loss).toBeCloseTo(hand[step].loss, 5)
        optimizer.step()
        schedule.step()
        const saved = [net.stateDict(), optimizer.stateDict(), schedule.stateDict()] as const
        ;({ net, optimizer, schedule } = setting('sgd'))
        net.loadStateDict(saved[0])
        optimizer.loadStateDict(saved[1])
        schedule.loadStateDict(saved[2])
        // What was loaded is a copy: the old network may go on without harm.
        for (const { data } of Object.values(saved[0])) data.fill(Number.NaN)
        for (const kept of saved[1].state) for (const { data } of Object.values(kept)) data.fill(Number.NaN)
      }
      expect(Object.values(values(net.stateDict()))).toEqual(roughly(hand.at(-1)!.parameters))
    })

    test('training drops and draws, evaluation does neither and leaves the gradients', () => {
      useBackend(backend)
      manualSeed(13)
      const { net } = setting('sgd', [new Dropout(0.25)])
      const draws = new Draws(13)
      const weights = draws.linear(H * W, 3)
      const stepper = make(net)
      const [x, y] = tensors(batches[0])
      const evaluated = computeBatch(weights, batches[0])
      for (let i = 0; i < 2; i++) {
        const trained = computeBatch(weights, draws.drop(batches[0], 0.25))
        expect(stepper.train(x, y).loss).toBeCloseTo(trained.loss / 4, 5)
        expect(net.layers.every(({ training }) => training)).toBe(true)
        const gradients = (): number[][] => rows(net.parameters().map(({ g }) => g!))
        const { weight, bias } = trained.gradient
        expect(gradients(), 'of this batch alone').toEqual(roughly([weight.flat(), bias]))
        const { loss, predicted } = stepper.evaluate(x, y)
        expect(loss).toBeCloseTo(evaluated.loss / 4, 5)
        expect([...predicted]).toEqual(evaluated.predicted)
        expect(net.layers.some(({ training }) => training)).toBe(false)
        expect(gradients(), 'as training left them').toEqual(roughly([weight.flat(), bias]))
        expect(defaultGenerator.getState()).toEqual(draws.generator.getState())
      }
      expect(x.g).toBe(null)
    })

    test('what is to be done meanwhile comes once a batch, after its draws', () => {
      useBackend(backend)
      const { net } = setting('sgd', [new Dropout(0.25)])
      const stepper = make(net)
      const [x, y] = tensors(batches[0])
      const states: Uint8Array[] = []
      const meanwhile = (): void => void states.push(defaultGenerator.getState())
      stepper.train(x, y, meanwhile)
      expect(states).toEqual([defaultGenerator.getState()])
      stepper.evaluate(x, y, meanwhile)
      expect(states).toEqual([defaultGenerator.getState(), defaultGenerator.getState()])
    })

    test('zeroGrad leaves nothing to step by', () => {
      useBackend(backend)
      const { net, optimizer } = setting('sgd')
      make(net).train(...tensors(batches[0]))
      optimizer.zeroGrad()
      expect(net.parameters().map(({ g }) => g)).toEqual([null, null])
      const before = rows(net.parameters())
      optimizer.step()
      expect(rows(net.parameters())).toEqual(before)
    })
  })
})
