import { describe, expect, test } from 'vitest'
import { LastPass } from './last-pass.ts'

const layer = { describe: () => 'Mine(3)' }
const nothing = 'Mine(3).bwd(): call forward first'

/** A network's pass that gives `last` a part of its own. */
const lends = (last: LastPass<string>, own: string) => {
  const pass = {
    asked: 0,
    layOut() {
      pass.asked++
      last.lend(null)
      last.keep(own)
    },
  }
  return pass
}

describe('LastPass', () => {
  test('there is none at first, and none after close', () => {
    const last = new LastPass<string>()
    expect(last.own).toBeNull()
    expect(() => last.open(layer)).toThrow(nothing)
    last.keep('a')
    expect([last.own, last.open(layer)]).toEqual(['a', 'a'])
    last.close()
    expect(last.own).toBeNull()
    expect(() => last.open(layer)).toThrow(nothing)
  })

  test('a network’s is laid out when it is asked for, once', () => {
    const last = new LastPass<string>()
    last.keep('a')
    const pass = lends(last, 'b')
    last.lend(pass)
    expect([pass.asked, last.own]).toEqual([0, 'a'])
    expect([last.open(layer), last.open(layer), pass.asked]).toEqual(['b', 'b', 1])
  })

  test('its own afterwards takes a network’s place, and so does nothing', () => {
    const last = new LastPass<string>()
    const pass = lends(last, 'b')
    last.lend(pass)
    last.keep('c')
    expect([last.open(layer), pass.asked]).toEqual(['c', 0])
    last.lend(pass)
    last.lend(null)
    expect([last.open(layer), pass.asked]).toEqual(['c', 0])
    last.lend(pass)
    last.close()
    expect(() => last.open(layer)).toThrow(nothing)
    expect(pass.asked).toBe(0)
  })

  test('a held one is put in force, and taken out again with all that was there', () => {
    const last = new LastPass<string>()
    last.keep('held')
    const resume = last.hold()
    last.keep('later')
    const pass = lends(last, 'network')
    last.lend(pass)
    const undo = resume()
    expect([last.open(layer), pass.asked]).toEqual(['held', 0])
    undo()
    expect(last.own).toBe('later')
    expect([last.open(layer), pass.asked]).toEqual(['network', 1])
    const again = resume()
    expect(last.open(layer)).toBe('held')
    again()
    expect(last.open(layer)).toBe('network')
  })
})
