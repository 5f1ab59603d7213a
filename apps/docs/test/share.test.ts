import { describe, expect, it } from 'vitest'
import { ADVICE, codeOfLink, LONGEST, linkOf } from '../src/widgets/exercise/share.ts'

const page = 'https://handgrad.test/exercises/'

describe('code in a link', () => {
  it('comes back, whatever signs are in it', () => {
    const code = 'export const a = `✓ ∑ 😀`\n// "+/=" ÿþ'
    const link = linkOf(page, 'linear-db', code)!
    expect(link).toMatch(/^https:\/\/handgrad\.test\/exercises\/\?exercise=linear-db#code=[\w-]+$/)
    expect(codeOfLink(link)).toEqual({ code })
    expect(codeOfLink(linkOf(page, 'own', '')!)).toEqual({ code: '' })
  })

  it('is refused over 8 kB, both ways, with advice', () => {
    // Three bytes are four letters.
    const room = LONGEST - linkOf(page, 'own', '')!.length
    const most = 'x'.repeat(3 * Math.floor(room / 4))
    expect(codeOfLink(linkOf(page, 'own', most)!)).toEqual({ code: most })
    expect(linkOf(page, 'own', `${most}xxx`)).toBeNull()
    expect(codeOfLink(`${page}?exercise=own#code=${'A'.repeat(LONGEST)}`)).toEqual({ refused: ADVICE })
    expect(ADVICE).toMatch(/8 kB.*file/)
    const exact = `${page}#code=`
    expect(codeOfLink(exact + 'A'.repeat(LONGEST - exact.length))).toHaveProperty('code')
    expect(codeOfLink(exact + 'A'.repeat(LONGEST - exact.length + 1))).toEqual({ refused: ADVICE })
  })

  it('is not there, or damaged, and said to be', () => {
    expect(codeOfLink(page)).toBeNull()
    expect(codeOfLink(`${page}?code=abc#top`)).toBeNull()
    expect(codeOfLink(`${page}#code=a*b`)).toEqual({ refused: expect.stringContaining('damaged') })
    expect(codeOfLink(`${page}#code=_w`)).toEqual({ refused: expect.stringContaining('damaged') })
  })
})
