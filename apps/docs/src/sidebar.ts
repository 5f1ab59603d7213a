import { typeDocSidebarGroup } from 'starlight-typedoc'
import { groups } from './lib/groups.ts'

/** The pages in the order of reading, then the API reference. */
export const sidebar = [...groups, typeDocSidebarGroup]
