export { type Api, bearer, connect, createApi, isProblem, type Problem, type Schemas } from "./client.ts";
export type { components, operations, paths } from "./schema.d.ts";
