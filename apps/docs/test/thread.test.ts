import { tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { trainingImages } from '../src/lib/mnist.ts'
import { bitmapOf } from '../src/lib/thread/bitmap.ts'
import { digits, edge, lr, passOf, threadNetwork } from '../src/lib/thread/pass.ts'
import { digit, SIDE, sevensPatch } from '../src/lib/thread/patch.ts'
import { type Numbers, rounded, type ThreadStep } from '../src/lib/thread/step.ts'
import { thread } from '../src/lib/thread/thread.ts'
import { readView } from '../src/widgets/explorer/address.ts'
import { range } from '../src/widgets/format.ts'

const patch = await sevensPatch()
const { steps, lines, pass } = await thread()
const { image } = patch
const stepOf = (id: string): ThreadStep => steps.find((step) => step.id === id)!
const data = (list: readonly Numbers[], name: string): number[] =>
  Array.from(list.find((one) => one.name === name)!.tensor.data)
const forward = (id: string, name: string): number[] => data(stepOf(id).forward, name)
const backward = (id: string, name: string): number[] => data(stepOf(id).backward, name)

/** All of the thread once more, in plain loops. */
function plainly(x: readonly number[]) {
  const parameters = threadNetwork().flat()[4].parameters()
  const [w, b] = parameters.map((parameter) => Array.from(parameter.data))
  const k = edge.flat() as number[]
  const y = range(16).map((at) =>
    range(9).reduce(
      (sum, tap) => sum + k[tap] * x[(Math.floor(at / 4) + Math.floor(tap / 3)) * 6 + (at % 4) + (tap % 3)],
      0,
    ),
  )
  const r = y.map((value) => Math.max(0, value))
  const windows = range(4).map((at) => {
    const corner = Math.floor(at / 2) * 8 + (at % 2) * 2
    return [corner, corner + 1, corner + 4, corner + 5]
  })
  const winners = windows.map(
    (cells) => cells.find((cell) => r[cell] === Math.max(...cells.map((c) => r[c])))!,
  )
  const m = winners.map((cell) => r[cell])
  const z = digits.map((_, o) => range(4).reduce((sum, i) => sum + w[o * 4 + i] * m[i], b[o]))
  const powers = z.map((one) => Math.exp(one))
  const total = powers.reduce((sum, one) => sum + one, 0)
  const p = powers.map((power) => power / total)
  const loss = -Math.log(p[2])
  const dz = p.map((one, o) => one - Number(o === 2))
  const dm = range(4).map((i) => digits.reduce((sum, _, o) => sum + dz[o] * w[o * 4 + i], 0))
  const dr = range(16).map((cell) => (winners.includes(cell) ? dm[winners.indexOf(cell)] : 0))
  const dy = dr.map((one, cell) => (y[cell] > 0 ? one : 0))
  const [dx, dk] = [Array<number>(36).fill(0), Array<number>(9).fill(0)]
  for (const at of range(16)) {
    for (const tap of range(9)) {
      const cell = (Math.floor(at / 4) + Math.floor(tap / 3)) * 6 + (at % 4) + (tap % 3)
      dx[cell] += dy[at] * k[tap]
      dk[tap] += dy[at] * x[cell]
    }
  }
  const db = dy.reduce((sum, one) => sum + one, 0)
  const dw = dz.flatMap((one) => m.map((value) => one * value))
  return { y, r, m, z, p, loss, dz, dm, dr, dy, dx, dk, db, dw, k, w, b }
}

const close = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got).toHaveLength(wanted.length)
  got.forEach((value, i) => expect(value).toBeCloseTo(wanted[i], 12))
}

describe('the thread of numbers', () => {
  it('begins with a piece of the first 7 of MNIST, that with the largest spread', async () => {
    const { images, labels } = await trainingImages()
    expect([labels[image], labels.subarray(0, image).includes(digit)]).toEqual([7, false])
    expect(Array.from(patch.pixels)).toEqual(Array.from(images.subarray(image * 784, (image + 1) * 784)))
    expect((await thread()).patch.row).toBe(patch.row)
    const piece = (row: number, column: number): number[] =>
      range(SIDE * SIDE).map(
        (i) => images[image * 784 + (row + Math.floor(i / 6)) * 28 + column + (i % 6)] / 255,
      )
    expect(forward('conv2d', 'x')).toEqual(piece(patch.row, patch.column))
    const spread = (values: readonly number[]): number => {
      const mean = values.reduce((a, b) => a + b, 0) / 36
      return values.reduce((sum, value) => sum + value * value, 0) / 36 - mean * mean
    }
    const all = range(23 * 23).map((at) => spread(piece(Math.floor(at / 23), at % 23)))
    expect(spread(piece(patch.row, patch.column))).toBeCloseTo(Math.max(...all), 12)
  })

  it('chains bit for bit: what comes out of a step goes into the next, and gradients back', () => {
    const order = ['conv2d', 'relu', 'max-pool2d', 'flatten', 'linear', 'cross-entropy', 'sgd']
    expect(steps.map(({ id }) => id)).toEqual(order)
    for (const [i, id] of order.slice(0, 5).entries()) {
      const next = order[i + 1]
      const [into, back] = next === 'cross-entropy' ? ['z', 'dz'] : ['x', 'dx']
      expect(forward(next, into), next).toEqual(forward(id, 'y'))
      expect(backward(id, 'dy'), id).toEqual(backward(next, back))
    }
    const update = stepOf('sgd').forward.map(({ tensor: { data: own } }) => Array.from(own))
    expect(update[0]).toEqual(forward('conv2d', 'w'))
    expect(update[1]).toEqual(backward('conv2d', 'dw'))
    expect(update[3]).toEqual(forward('linear', 'w'))
    expect(update[4]).toEqual(backward('linear', 'dw'))
  })

  it('is what plain loops compute, there and back and one step further', () => {
    const own = plainly(forward('conv2d', 'x'))
    close(forward('conv2d', 'y'), own.y)
    close(forward('relu', 'y'), own.r)
    close(forward('max-pool2d', 'y'), own.m)
    close(forward('linear', 'y'), own.z)
    close(forward('cross-entropy', 'p'), own.p)
    expect(forward('cross-entropy', 'q')).toEqual([0, 0, 1])
    close(forward('cross-entropy', 'L'), [own.loss])
    close(backward('cross-entropy', 'dz'), own.dz)
    close(backward('linear', 'dx'), own.dm)
    close(backward('linear', 'dw'), own.dw)
    close(backward('linear', 'db'), own.dz)
    close(backward('max-pool2d', 'dx'), own.dr)
    close(backward('relu', 'dx'), own.dy)
    close(backward('conv2d', 'dx'), own.dx)
    close(backward('conv2d', 'dw'), own.dk)
    close(backward('conv2d', 'db'), [own.db])
    const after = (place: number): number[] => Array.from(stepOf('sgd').forward[place].tensor.data)
    close(
      after(2),
      own.k.map((w, i) => w - lr * own.dk[i]),
    )
    close(
      after(5),
      own.w.map((w, i) => w - lr * own.dw[i]),
    )
    expect(stepOf('sgd').forward.map(({ name }) => name)).toEqual(['w', 'dw', 'w′', 'w', 'dw', 'w′'])
  })

  it('shows all that can happen: a ReLU that stops a gradient, a tie, and a loss that falls', () => {
    const stopped = backward('relu', 'dy').filter((dy, i) => dy !== 0 && backward('relu', 'dx')[i] === 0)
    expect(stopped.length).toBeGreaterThan(0)
    const zeros = forward('max-pool2d', 'y').filter((value) => value === 0)
    expect(zeros.length).toBeGreaterThan(0)
    const [right, ...others] = forward('linear', 'y').toReversed()
    expect(right).toBeLessThan(Math.min(...others))
    expect(pass.lossAfter).toBeLessThan(pass.loss / 2)
    expect(pass.target).toBe(2)
  })

  it('gives the same as the network’s own forward and backward', () => {
    const net = threadNetwork()
    const x = patch.x.clone()
    expect(Array.from(net.forward(x).data)).toEqual(forward('linear', 'y'))
    expect(passOf({ x }).loss).toBe(pass.loss)
    expect(Array.from(x.data)).toEqual(forward('conv2d', 'x'))
    expect(x.shape).toEqual([1, 1, SIDE, SIDE])
  })

  it('has the numbers of its steps in the addresses of their pages', () => {
    for (const id of ['conv2d', 'relu', 'max-pool2d', 'linear']) {
      const step = stepOf(id)
      expect(step.page).toBe(`layers/${id}`)
      const { edited, pick } = readView(step.address!.split('#')[0], id, {})
      expect(pick!.name).toBe('y')
      for (const name of ['x', 'w', 'b'].filter((one) => one in edited))
        expect(edited[name]).toEqual(forward(id, name))
      expect(edited['dy']).toEqual(backward(id, 'dy'))
    }
    const query = new URLSearchParams(stepOf('cross-entropy').address!.split('#')[0])
    expect(query.get('z')!.split(',').map(Number)).toEqual(forward('cross-entropy', 'z'))
    expect(query.get('target')).toBe('2')
  })

  it('works its largest cells out, with the numbers that it shows', () => {
    const [y] = stepOf('conv2d').byHand
    const flat = forward('conv2d', 'y').map(Math.abs)
    const most = flat.indexOf(Math.max(...flat))
    expect(y.startsWith(`y[${Math.floor(most / 4)},${most % 4}] = `)).toBe(true)
    expect(y).toContain(` = ${rounded(forward('conv2d', 'y')[most])}. `)
    const p = rounded(forward('cross-entropy', 'p')[2])
    expect(stepOf('cross-entropy').byHand[0]).toBe(`L = −log p[2] = −log ${p} = ${rounded(pass.loss)}.`)
    expect(stepOf('cross-entropy').byHand[1]).toContain(
      `= ${p} − 1 = ${rounded(backward('cross-entropy', 'dz')[2])}:`,
    )
    const [step, loss] = stepOf('sgd').byHand
    const gradients = backward('conv2d', 'dw').map(Math.abs)
    const at = gradients.indexOf(Math.max(...gradients))
    const [was, g, is] = [0, 1, 2].map((i) => rounded(stepOf('sgd').forward[i].tensor.data[at]))
    expect(step).toBe(
      `w′[${Math.floor(at / 3)},${at % 3}] = w − lr · dw = ${was} − ${lr} · ${g} = ${is}, in the convolution.`,
    )
    expect(loss).toContain(`${rounded(pass.lossAfter)}, where it had ${rounded(pass.loss)}`)
  })

  it('writes large numbers with three digits, and small ones with three places', () => {
    expect([1.2345, -12.345, 0.12345, 0.00012, 0.99951, -1].map(rounded)).toEqual([
      '1.23',
      '−12.3',
      '0.123',
      '0',
      '1',
      '−1',
    ])
  })
})

describe('the lines beside the first step', () => {
  const of = (list: readonly Numbers[], name: string): number[] => data(list, name)

  it('are three lines of the patch, and add up to one row of the convolution', () => {
    const y = forward('conv2d', 'y').map(Math.abs)
    const row = Math.floor(y.indexOf(Math.max(...y)) / 4)
    expect(of(lines.forward, 'x')).toEqual(forward('conv2d', 'x').slice(6 * row, 6 * row + 18))
    close(of(lines.forward, 'sum'), forward('conv2d', 'y').slice(4 * row, 4 * row + 4))
    expect(of(lines.forward, 'w')).toEqual(forward('conv2d', 'w'))
    expect(lines.forward[0].rows).toEqual([row, row + 1, row + 2].map(String))
    // Line by line: the first has the kernel's row of −1.
    const x = of(lines.forward, 'x')
    close(
      of(lines.forward, 'y').slice(0, 4),
      range(4).map((l) => -x[l] - x[l + 1] - x[l + 2]),
    )
    close(
      of(lines.forward, 'y').slice(8),
      range(4).map((l) => x[12 + l] + x[13 + l] + x[14 + l]),
    )
  })

  it('get one row of gradients, and send it back through their own weights', () => {
    const row = Number(lines.forward[0].rows![0])
    const dy = of(lines.backward, 'dy')
    expect(dy).toEqual(backward('conv2d', 'dy').slice(4 * row, 4 * row + 4))
    const dx = of(lines.backward, 'dx')
    const spread = range(6).map((a) => range(3).reduce((sum, i) => sum + (dy[a - i] ?? 0), 0))
    close(dx, [...spread.map((one) => -one), ...spread.map(() => 0), ...spread])
    const x = of(lines.forward, 'x')
    close(
      of(lines.backward, 'dw'),
      range(9).map((at) =>
        dy.reduce((sum, one, l) => sum + one * x[Math.floor(at / 3) * 6 + l + (at % 3)], 0),
      ),
    )
  })
})

it('a grey image is a bitmap whose rows begin at the foot', () => {
  const pixels = Uint8Array.from({ length: 16 }, (_, i) => 10 * i)
  const [type, text] = bitmapOf(pixels, 4).split(',')
  expect(type).toBe('data:image/bmp;base64')
  const bytes = Buffer.from(text, 'base64')
  expect([bytes.toString('latin1', 0, 2), bytes.readUInt32LE(2), bytes.length]).toEqual(['BM', 1094, 1094])
  // Where the pixels begin, the header's size, both sides, one plane of eight bits, and no more.
  expect([10, 14, 18, 22].map((at) => bytes.readUInt32LE(at))).toEqual([1078, 40, 4, 4])
  expect([bytes.readUInt16LE(26), bytes.readUInt16LE(28)]).toEqual([1, 8])
  expect([...bytes.subarray(30, 54)].every((byte) => byte === 0)).toBe(true)
  expect([...bytes.subarray(54, 62)]).toEqual([0, 0, 0, 0, 1, 1, 1, 0])
  expect([...bytes.subarray(1074, 1078)]).toEqual([255, 255, 255, 0])
  expect([...bytes.subarray(1078)]).toEqual(
    [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3].map((i) => 10 * i),
  )
})

it('a patch of no digit at all is passed too', () => {
  const { loss, lossAfter } = passOf({ x: tensor(new Float64Array(36), [1, 1, 6, 6]) })
  expect(loss).toBeGreaterThan(0)
  expect(lossAfter).toBeLessThan(loss)
})
