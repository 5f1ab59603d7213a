export { readFixture } from './fixtures.ts'
