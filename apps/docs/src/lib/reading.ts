import { readSource } from './source.ts'

/** Words that one reads in a minute, where each needs a thought. */
const PACE = 120

/** The minutes that a page takes to read, by its own words; equations and code are not counted. */
export function minutesOf(page: string): number {
  const text = readSource(`apps/docs/src/content/docs/${page}.mdx`)
  const prose = text
    .replace(/^---[^]*?^---/m, '')
    .replace(/^import .*$/gm, '')
    .replaceAll(/<[^>]*>/g, '')
  return Math.ceil(prose.split(/\s+/).filter((word) => /\w/.test(word)).length / PACE)
}
