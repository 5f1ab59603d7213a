export { readFixture } from './fixtures.ts'
export { type Catch, hunt, type SpecPlace } from './mutation/hunt.ts'
export { huntLines, type LinesCatch } from './mutation/lines.ts'
