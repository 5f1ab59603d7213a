export { readFixture } from './fixtures.ts'
export { type Catch, hunt, type Patience, type SpecPlace } from './mutation/hunt.ts'
